// The pages in front of the overview, loaded only when one of them is shown.

export { ForgottenPassword } from './forgotten';
export { Invitation } from './invitation';
export { Install } from './install';
export { NewSite } from './new-site';
export { SharedDoor } from './shared';
export { Setup, SetupClosed } from './setup';
export { SignIn } from './signin';
