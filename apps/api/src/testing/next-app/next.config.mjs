/** Copied beside the app by the test that builds it. `root` is the checkout: its one flat node_modules holds what the app imports. */
const root = process.env['APP_ROOT'];

/** Types are checked with the rest of the checkout. */
const config = { turbopack: { root }, outputFileTracingRoot: root, typescript: { ignoreBuildErrors: true }, devIndicators: false, poweredByHeader: false };

export { config as default };
