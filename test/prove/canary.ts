/** Somebody who listens on the loopback interface, by TCP and UDP, and keeps what comes: nothing should. */

export class Canary {
  readonly heard: string[] = [];
  readonly port: number;
  readonly #stop: () => void;

  private constructor(port: number, heard: string[], stop: () => void) {
    this.port = port;
    this.heard = heard;
    this.#stop = stop;
  }

  static async listen(): Promise<Canary> {
    const heard: string[] = [];
    const take = (_socket: unknown, data: Buffer) => void heard.push(data.toString("latin1"));
    const tcp = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data: take } });
    const udp = await Bun.udpSocket({ hostname: "127.0.0.1", port: tcp.port, socket: { data: take } });
    return new Canary(tcp.port, heard, () => {
      tcp.stop(true);
      udp.close();
    });
  }

  /** A packet of its own, by both ways: what was sent before it has come by then, and the canary hears. */
  async settle(): Promise<void> {
    const socket = await Bun.udpSocket({});
    socket.send("own packet", this.port, "127.0.0.1");
    await fetch(`http://127.0.0.1:${this.port}/own-request`, { signal: AbortSignal.timeout(300) }).catch(() => null);
    socket.close();
    if (!this.heard.some((words) => words.includes("own-request"))) throw new Error("The canary hears nothing.");
    if (!this.heard.includes("own packet")) throw new Error("The canary hears no UDP.");
  }

  async close(): Promise<void> {
    this.#stop();
  }
}
