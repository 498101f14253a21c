// orval makes a zod schema of every parameter, body and answer.
module.exports = {
  fakekit: {
    input: { target: "./openapi.json" },
    output: {
      client: "zod",
      mode: "single",
      target: "./schemas.ts",
      override: { zod: { strict: { response: true } } },
    },
  },
};
