// Renews a race's page: asks for it every 15 seconds, puts the new one in place, and says how old the forecast is.
"use strict";
const EVERY = 15000;

function age() {
  const shown = document.getElementById("age");
  const written = Date.parse(shown.dataset.written);
  const minutes = Math.max(0, Math.floor((Date.now() - written) / 60000));
  const stale = minutes >= Number(shown.dataset.stale);
  const old = minutes < 120 ? minutes + " min" : Math.floor(minutes / 60) + " h";
  shown.textContent = (stale ? "STALE: " : "") + "forecast of " + shown.dataset.written.replace("T", " ").replace("Z", " UTC") + ", " + old + " old.";
  shown.className = stale ? "small stale" : "small";
}

let seen = null;

async function renew() {
  try {
    const answer = await fetch(location.href, { cache: "no-cache" });
    if (!answer.ok) return;
    const tag = answer.headers.get("etag") || answer.headers.get("last-modified");
    if (seen !== null && tag !== null && tag === seen) return;
    const first = seen === null;
    seen = tag;
    if (first) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const part of ["main", "nav"]) {
      document.querySelector(part).replaceWith(document.adoptNode(page.querySelector(part)));
    }
    document.title = page.title;
  } catch (problem) {
    // away: the last page stays, and its age says so
  } finally {
    age();
  }
}

age();
renew();
setInterval(renew, EVERY);
