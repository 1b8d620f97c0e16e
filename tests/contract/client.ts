// How a frontend buys Wi-Fi access: written against types generated from openapi/openapi.json, and type-checked by
// `cargo xtask contract`. It is never run; if it does not compile, the API's contract has changed under its callers.

import createClient from "openapi-fetch";
import type { paths } from "./schema.js";

const api = createClient<paths>({ baseUrl: "http://127.0.0.1:8080" });

export interface Purchase {
  number: string;
  status: string;
  paymentId: string;
}

/** Logs in, orders `quantity` of the package named `packageName`, and asks for payment from `phone`. */
export async function buy(packageName: string, quantity: number, phone: string): Promise<Purchase> {
  const login = await api.POST("/api/v1/auth/login", {
    body: { login: "admin@demo.test", password: "password" },
  });
  if (!login.data) throw new Error(JSON.stringify(login.error));
  const token: string = login.data.data.access_token;
  api.use({
    onRequest({ request }) {
      request.headers.set("Authorization", `Bearer ${token}`);
      return request;
    },
  });

  const packages = await api.GET("/api/v1/user-profiles");
  if (!packages.data) throw new Error(JSON.stringify(packages.error));
  const chosen = packages.data.data.find((candidate) => candidate.name === packageName);
  if (!chosen) throw new Error(`no package ${packageName}`);
  const price: { amount: string; currency: string } = chosen.price;
  const minutes: number = chosen.validity_minutes;
  console.log(`${chosen.name}: ${price.amount} ${price.currency} for ${minutes} minutes`);

  const order = await api.POST("/api/v1/orders", {
    body: { user_profile_id: chosen.id, quantity },
  });
  if (!order.data) throw new Error(JSON.stringify(order.error));
  const { id, number, status, total } = order.data.data;
  console.log(`${number} is ${status}, ${total.amount} ${total.currency} to pay`);

  const payment = await api.POST("/api/v1/payments/{order}/initiate", {
    params: { path: { order: id } },
    body: { phone, operator: "AM" },
  });
  if (!payment.data) throw new Error(JSON.stringify(payment.error));
  return { number, status: payment.data.data.status, paymentId: payment.data.data.id };
}
