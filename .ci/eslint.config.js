// What eslint holds the screens' scripts to. Its parts are named here one by one, so that nothing but eslint itself is fetched.
const browser = [
  "AbortController", "AbortSignal", "Audio", "AudioContext", "CSS", "CustomEvent", "Event", "FormData", "Image", "KeyboardEvent", "Node", "SpeechSynthesisUtterance",
  "URL", "URLSearchParams", "clearInterval", "clearTimeout", "console", "crypto", "devicePixelRatio", "document", "fetch", "getComputedStyle", "history",
  "innerHeight", "innerWidth", "localStorage", "location", "matchMedia", "navigator", "performance", "queueMicrotask", "requestAnimationFrame",
  "addEventListener", "removeEventListener", "cancelAnimationFrame", "sessionStorage", "setInterval", "setTimeout", "speechSynthesis", "structuredClone", "window", "print", "dispatchEvent",
  "DOMParser", "ResizeObserver", "Option", "createImageBitmap", "HTMLElement", "BroadcastChannel", "Element", "open",
];

module.exports = [
  {
    files: ["kiosk/web/static/js/**/*.js"],
    linterOptions: { reportUnusedDisableDirectives: "error" },
    languageOptions: { ecmaVersion: 2023, sourceType: "module", globals: Object.fromEntries(browser.map((name) => [name, "readonly"])) },
    rules: Object.fromEntries(
      [
        "array-callback-return", "constructor-super", "eqeqeq", "for-direction", "getter-return", "no-async-promise-executor", "no-class-assign", "no-compare-neg-zero",
        "no-const-assign", "no-constant-condition", "no-constructor-return", "no-control-regex", "no-debugger", "no-dupe-args", "no-dupe-class-members", "no-dupe-else-if", "no-dupe-keys",
        "no-duplicate-case", "no-duplicate-imports", "no-empty-pattern", "no-eval", "no-ex-assign", "no-fallthrough", "no-func-assign", "no-global-assign", "no-implied-eval",
        "no-import-assign", "no-loss-of-precision", "no-new-func", "no-new-native-nonconstructor", "no-obj-calls", "no-redeclare",
        "no-self-assign", "no-self-compare", "no-setter-return", "no-shadow-restricted-names", "no-sparse-arrays", "no-this-before-super", "no-undef", "no-unreachable",
        "no-unsafe-finally", "no-unsafe-negation", "no-unsafe-optional-chaining", "no-unused-private-class-members", "no-unused-vars", "no-useless-catch", "no-var",
        "prefer-const", "require-yield", "use-isnan", "valid-typeof",
      ].map((name) => [name, "error"]),
    ),
  },
];
