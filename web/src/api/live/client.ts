import type { QueryClient } from "@tanstack/react-query";
import ReconnectingWebSocket from "partysocket/ws";
import { client, unwrap } from "../client";
import { apply, type Invalidate } from "./apply";
import { makeInvalidator } from "./invalidator";
import { readMessage, type LiveMessage } from "./messages";
import { liveState, setLiveState } from "./state";

const POLL_MS = 3_000;
const GRACE_MS = 2_500;
const SIGNED_OUT = 4401;

/**
 * The one live connection: it resumes where it broke off, and while it is down the same news are polled for.
 *
 * The server numbers messages within an epoch. Who comes back names the last one seen, and gets what it missed or the
 * demand to read everything again.
 */
export class LiveClient {
  private epoch: string | null = null;
  private sequence = 0;
  private socket: ReconnectingWebSocket | null = null;
  private polling: ReturnType<typeof setTimeout> | undefined;
  private watchdog: ReturnType<typeof setTimeout> | undefined;
  private patience = 25_000;
  private readonly cache: QueryClient;
  private readonly invalidate: Invalidate;
  private readonly onReconnect: () => void;

  constructor(cache: QueryClient, onReconnect: () => void) {
    this.cache = cache;
    this.invalidate = makeInvalidator(cache);
    this.onReconnect = onReconnect;
  }

  /** Connect, and stay connected. */
  start(): void {
    setLiveState("connecting");
    const socket = new ReconnectingWebSocket(() => this.address(), [], {
      minReconnectionDelay: 400,
      maxReconnectionDelay: 5_000,
      connectionTimeout: 6_000,
    });
    socket.addEventListener("message", (event) => this.receive(readMessage(event.data)));
    socket.addEventListener("close", (event) => this.lost(event.code));
    this.socket = socket;
    this.pollSoon(GRACE_MS);
  }

  /** Hang up. */
  stop(): void {
    clearTimeout(this.polling);
    clearTimeout(this.watchdog);
    this.socket?.close();
    this.socket = null;
  }

  private address(): string {
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    const params = this.epoch === null ? "" : `?epoch=${this.epoch}&after=${this.sequence}`;
    return `${scheme}://${location.host}/api/v1/live${params}`;
  }

  private receive(message: LiveMessage | null): void {
    this.expectMore();
    if (message === null) return;
    if (message.type === "hello") this.welcome(message.epoch, message.heartbeat_seconds);
    this.take(message);
  }

  private welcome(epoch: string, heartbeat: number): void {
    clearTimeout(this.polling);
    this.polling = undefined;
    this.patience = heartbeat * 2_500;
    const back = this.epoch !== null && liveState() !== "live";
    // Without an epoch the server cannot know what was missed, so all that was read before counts as stale.
    if (this.epoch === null || this.epoch !== epoch) void this.cache.invalidateQueries();
    setLiveState("live");
    if (back) this.onReconnect();
  }

  private take(message: LiveMessage): void {
    if (message.type === "hello" || message.type === "resync") {
      if (message.epoch !== this.epoch || message.type === "resync") this.sequence = message.sequence;
      this.epoch = message.epoch;
    } else if (message.type !== "heartbeat") {
      if (message.sequence <= this.sequence) return;
      this.sequence = message.sequence;
    }
    apply(message, this.cache, this.invalidate);
  }

  private lost(code: number): void {
    clearTimeout(this.watchdog);
    if (this.socket === null) return;
    if (code === SIGNED_OUT) {
      this.stop();
      void this.cache.invalidateQueries({ queryKey: ["me"] });
      return;
    }
    if (liveState() === "live") setLiveState("connecting");
    if (this.polling === undefined) this.pollSoon(GRACE_MS);
  }

  /** A connection may die without a word: hang up if not even a heartbeat comes. */
  private expectMore(): void {
    clearTimeout(this.watchdog);
    this.watchdog = setTimeout(() => this.socket?.reconnect(), this.patience);
  }

  private pollSoon(delay: number): void {
    clearTimeout(this.polling);
    this.polling = setTimeout(() => void this.poll(), delay);
  }

  private async poll(): Promise<void> {
    try {
      const query = this.epoch === null ? {} : { epoch: this.epoch, after: this.sequence };
      const news = await unwrap(client.GET("/api/v1/live/messages", { params: { query } }));
      if (liveState() === "live" || this.socket === null) return;
      if (this.epoch === null) void this.cache.invalidateQueries();
      news.messages.forEach((message) => this.take(message));
      this.epoch = news.epoch;
      this.sequence = news.sequence;
      setLiveState("polling");
    } catch {
      if (liveState() === "live" || this.socket === null) return;
      setLiveState("offline");
    }
    this.pollSoon(POLL_MS);
  }
}
