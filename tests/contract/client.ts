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

export interface GuestAccess {
  orderToken: string;
  username: string | null;
}

/** A guest orders with a phone alone, pays, and reads the credentials with the order's token. */
export async function buyAsGuest(packageId: string, phone: string): Promise<GuestAccess> {
  const guest = createClient<paths>({ baseUrl: "http://127.0.0.1:8080" });
  const placed = await guest.POST("/api/v1/orders", {
    body: { user_profile_id: packageId, quantity: 1, phone },
  });
  if (!placed.data) throw new Error(JSON.stringify(placed.error));
  const { id, order_token } = placed.data.data;
  if (!order_token) throw new Error("a guest's order comes with a token");
  const headers = { "Order-Token": order_token };
  const payment = await guest.POST("/api/v1/payments/{order}/initiate", {
    params: { path: { order: id } },
    body: { phone, operator: "MP" },
    headers,
  });
  if (!payment.data) throw new Error(JSON.stringify(payment.error));
  const shown = await guest.GET("/api/v1/orders/{order}/credentials", {
    params: { path: { order: id } },
    headers,
  });
  if (!shown.data) throw new Error(JSON.stringify(shown.error));
  return { orderToken: order_token, username: shown.data.data[0]?.credentials?.username ?? null };
}

/** Somebody redeems the code of a voucher; says where its order stands. */
export async function redeem(code: string): Promise<string> {
  const redeemed = await api.POST("/api/v1/vouchers/redeem", { body: { code } });
  if (!redeemed.data) throw new Error(JSON.stringify(redeemed.error));
  return redeemed.data.data.status;
}

/** An agent sells over the counter and looks at what is left in the wallet. */
export async function sellAtCounter(packageId: string): Promise<string[]> {
  const sold = await api.POST("/api/v1/agent/sales", {
    body: { user_profile_id: packageId, quantity: 1 },
  });
  if (!sold.data) throw new Error(JSON.stringify(sold.error));
  const statement = await api.GET("/api/v1/agent/statement");
  if (!statement.data) throw new Error(JSON.stringify(statement.error));
  return statement.data.data.entries.map((entry) => `${entry.kind} ${entry.amount.amount}, ${entry.left.amount} left`);
}

/** Staff give the money of a payment back, and follow where it goes. */
export async function giveBack(payment: string): Promise<string> {
  const asked = await api.POST("/api/v1/admin/payments/{payment}/refunds", {
    params: { path: { payment } },
    body: { reason: "the router of the site was down" },
  });
  if (!asked.data) throw new Error(JSON.stringify(asked.error));
  const { id, status } = asked.data.data;
  if (status !== "requested") return status;
  const approved = await api.POST("/api/v1/admin/refunds/{refund}/approve", {
    params: { path: { refund: id } },
  });
  if (!approved.data) throw new Error(JSON.stringify(approved.error));
  return approved.data.data.status;
}
