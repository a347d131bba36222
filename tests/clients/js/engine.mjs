// A running `mostik engine` in a folder of its own, with a TCP port that may write.
// MOSTIK_BIN names the program, MOSTIK_LIBCHDB the library; tests/run sets both.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

export const USER = "reader";
export const PASSWORD = "correct horse";

function required(name) {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: run tests/run, which builds, fetches and sets it`);
  return value;
}

/** Starts an engine; `stop` ends it and fails if it did not end cleanly. */
export async function start({ mayWrite = true } = {}) {
  const folder = await mkdtemp(join(tmpdir(), "mostik-"));
  const data = join(folder, "data");
  const passwordFile = join(folder, "password");
  await mkdir(data);
  await writeFile(passwordFile, PASSWORD);
  const settings = [
    "[engine]",
    `library = ${JSON.stringify(required("MOSTIK_LIBCHDB"))}`,
    'ram = "512 MiB"',
    'listen = "127.0.0.1:0"',
    `user = ${JSON.stringify(USER)}`,
    `password_file = ${JSON.stringify(passwordFile)}`,
    `may_write = ${mayWrite}`,
  ];
  await writeFile(join(data, "mostik.toml"), settings.join("\n"));
  const child = spawn(required("MOSTIK_BIN"), ["engine", "--data", data], { stdio: ["ignore", "pipe", "inherit"] });
  const exited = once(child, "exit");
  const lines = createInterface({ input: child.stdout });
  const line = await Promise.race([
    once(lines, "line").then(([text]) => text),
    exited.then(([code]) => Promise.reject(new Error(`the engine did not start, code ${code}`))),
  ]);
  const { tcp } = JSON.parse(line);
  return {
    url: `http://${tcp}`,
    async stop() {
      child.kill("SIGTERM");
      const [code] = await exited;
      await rm(folder, { recursive: true });
      if (code !== 0) throw new Error(`the engine ended with code ${code}`);
    },
  };
}
