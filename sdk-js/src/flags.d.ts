// Compile-time switches. build/features.mjs says which artefact has which; the
// bundler replaces each name by true or false and drops what cannot run.

/** Props of every event, cut to the wire's limits. Without it the collector refuses what is too long. */
declare const __FIT__: boolean;
/** `include`, `exclude` and `mask`. */
declare const __GLOBS__: boolean;
/** Engaged time and scroll depth. */
declare const __ENGAGEMENT__: boolean;
/** Outbound links and downloads. */
declare const __LINKS__: boolean;
/** `data-mostik-event` on elements and forms, `data-prop-…` on the script tag. */
declare const __TAGGED__: boolean;
/** `forms`: every form, tagged or not. Needs TAGGED. */
declare const __FORMS__: boolean;
/** `404`, from the navigation's own status. */
declare const __NOT_FOUND__: boolean;
/** A second try for what could not be sent. */
declare const __RETRY__: boolean;
/** `consent()`, holding events and the wire key `c`. Needs RETRY. */
declare const __CONSENT__: boolean;
/** An image where a content security policy forbids `fetch`. Needs RETRY. */
declare const __IMAGE__: boolean;
/** `transform`, the owner's last word on an event. */
declare const __TRANSFORM__: boolean;
/** Web vitals of a load. Needs ENGAGEMENT. */
declare const __VITALS__: boolean;
/** They are measured if `vitals` says so; else always. Of the package alone. */
declare const __VITALS_ASKED__: boolean;
/** `ym-replace.js`: answers the calls of a tag that is gone. */
declare const __REPLACE__: boolean;
