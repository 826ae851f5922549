import { QueryClient, QueryObserver } from "@tanstack/react-query";
import { makeInvalidator } from "./invalidator";

it("asks for nothing that is on its way, and once more when it has come", async () => {
  vi.useFakeTimers();
  const cache = new QueryClient();
  const answers: (() => void)[] = [];
  const observer = new QueryObserver(cache, {
    queryKey: ["overview"],
    queryFn: () => new Promise<number>((resolve) => answers.push(() => resolve(answers.length))),
  });
  const stop = observer.subscribe(() => undefined);
  const invalidate = makeInvalidator(cache);
  for (let second = 0; second < 5; second++) {
    invalidate(["overview"]);
    await vi.advanceTimersByTimeAsync(1_000);
  }
  expect(answers).toHaveLength(1);
  answers[0]?.();
  await vi.advanceTimersByTimeAsync(1_000);
  expect(answers).toHaveLength(2);
  answers[1]?.();
  await vi.advanceTimersByTimeAsync(5_000);
  expect(answers).toHaveLength(2);
  stop();
  cache.clear();
  vi.useRealTimers();
});
