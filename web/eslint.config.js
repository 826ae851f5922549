import { readdirSync } from "node:fs";
import importX from "eslint-plugin-import-x";
import reactHooks from "eslint-plugin-react-hooks";
import tseslint from "typescript-eslint";

// Imports go one way: app → features → shared → api. Features never import each other.
const features = readdirSync(new URL("src/features", import.meta.url));
const zones = [
  { target: "./src/api", from: ["./src/shared", "./src/features", "./src/app"] },
  { target: "./src/shared", from: ["./src/features", "./src/app"] },
  { target: "./src/features", from: "./src/app" },
  ...features.map((feature) => ({
    target: `./src/features/${feature}`,
    from: "./src/features",
    except: [`./${feature}`],
  })),
];

export default tseslint.config(
  { ignores: ["src/api/generated/**", "eslint.config.js"] },
  ...tseslint.configs.strictTypeChecked,
  ...tseslint.configs.stylisticTypeChecked,
  reactHooks.configs.flat["recommended-latest"],
  {
    files: ["**/*.{ts,tsx}"],
    plugins: { "import-x": importX },
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      "import-x/no-restricted-paths": ["error", { zones, basePath: import.meta.dirname }],
      "import-x/no-default-export": "error",
      "@typescript-eslint/consistent-type-definitions": ["error", "interface"],
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true }],
      "@typescript-eslint/dot-notation": "off",
      complexity: ["error", 16],
      "max-lines": ["error", { max: 300, skipBlankLines: true, skipComments: true }],
    },
  },
  {
    // A type assertion is allowed where the outside world comes in, and in tests.
    files: ["src/features/**", "src/shared/**", "src/app/**"],
    ignores: ["**/*.test.*"],
    rules: {
      "@typescript-eslint/consistent-type-assertions": ["error", { assertionStyle: "never" }],
    },
  },
  { files: ["*.config.*"], rules: { "import-x/no-default-export": "off" } },
);
