// Sends each request of an OpenAPI document with its examples. orval's zod schemas have to accept the body and the answer.

import type { ZodType } from "zod";
import * as generated from "./schemas";

declare const process: { argv: string[]; exitCode: number };

interface Operation {
  operationId: string;
  parameters: { name: string; in: string; example: string | number }[];
  requestBody?: { content: Record<string, { example: unknown }> };
}

interface OpenApi {
  servers: { url: string }[];
  paths: Record<string, Record<string, Operation>>;
}

const schemas = generated as unknown as Record<string, ZodType | undefined>;

/** The schema of an operation's `Body` or `Response`. */
function schemaOf(operationId: string, kind: string): ZodType {
  const name = operationId.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase()) + kind;
  const schema = schemas[name];
  if (!schema) throw new Error(`there is no ${name}`);
  return schema;
}

/** Sends one request and prints the operation with the status of its answer. */
async function send(origin: string, path: string, method: string, operation: Operation): Promise<void> {
  for (const parameter of operation.parameters.filter((p) => p.in === "path")) {
    path = path.replace(`{${parameter.name}}`, encodeURIComponent(parameter.example));
  }
  const body = operation.requestBody?.content["application/json"]?.example;
  if (body !== undefined) schemaOf(operation.operationId, "Body").parse(body);
  const answer = await fetch(origin + path, {
    method: method.toUpperCase(),
    headers: { Authorization: "Bearer fk_zod", "Content-Type": "application/json" },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  if (answer.status !== 204) schemaOf(operation.operationId, "Response").parse(await answer.json());
  console.log(`${operation.operationId} ${answer.status}`);
}

async function main(address: string): Promise<void> {
  const openapi = (await (await fetch(address)).json()) as OpenApi;
  for (const [path, item] of Object.entries(openapi.paths)) {
    for (const [method, operation] of Object.entries(item)) {
      await send(openapi.servers[0].url, path, method, operation);
    }
  }
}

main(process.argv[2]);
