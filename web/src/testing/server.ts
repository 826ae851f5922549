import { setupServer } from "msw/node";
import { handlers } from "./handlers";

/** Answers requests of components under test, in the types of the API. */
export const server = setupServer(...handlers);
