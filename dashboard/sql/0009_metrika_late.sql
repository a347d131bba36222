-- Late goals go as a file, by a token of their own: it may write, the other only reads.

ALTER TABLE metrika ADD COLUMN upload TEXT;            -- sealed; the key is not in this file
