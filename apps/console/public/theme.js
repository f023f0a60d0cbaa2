// Runs before the first paint, so that a dark screen never flashes white. Kept apart from the bundle so that the page
// needs no inline script. The same rule stands in src/shell/theme.ts.
(function () {
  var choice = 'system';
  try {
    choice = localStorage.getItem('outlay.theme') || 'system';
  } catch {
    // Storage may be forbidden; the system's choice is a good answer then.
  }
  var dark = choice === 'dark' || (choice !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches);
  document.documentElement.dataset.theme = dark ? 'dark' : 'light';
  document.querySelector('meta[name="theme-color"]').content = dark ? '#0f1115' : '#fafafb';
})();
