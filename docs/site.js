// What scrolls can be reached by the keyboard: the theme wraps tables when a page is shown.
new MutationObserver(() => {
  for (const element of document.querySelectorAll(".md-typeset__scrollwrap, .md-typeset pre > code")) {
    if (element.scrollWidth > element.clientWidth && !element.hasAttribute("tabindex")) element.tabIndex = 0;
  }
}).observe(document.documentElement, { childList: true, subtree: true });
