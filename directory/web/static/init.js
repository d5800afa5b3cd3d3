// Starts GOV.UK Frontend. Every page works without it; nothing else runs in the browser.
//
// The two classes tell the style sheet that scripts run. They are set here and not by a script in
// the page, so that the content security policy needs no exception.
import { initAll } from "./govuk-frontend.min.js";

document.body.classList.add("js-enabled", "govuk-frontend-supported");
initAll();
