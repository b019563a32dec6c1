export const modelText = { name: "model-text", promise: "", prove: async () => {} };
