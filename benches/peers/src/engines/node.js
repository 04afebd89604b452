// Answers commands, one line of JSON for each.
let policy;
let kept; // so that nothing is optimised away
const sets = [];
const nanos = (start) => Number(process.hrtime.bigint() - start);

const commands = {
  load({ source }) {
    const before = process.memoryUsage.rss();
    const start = process.hrtime.bigint();
    policy = (0, eval)(source);
    return { nanos: nanos(start), bytes: process.memoryUsage.rss() - before };
  },
  requests({ texts }) {
    sets.push({ texts, objects: texts.map((text) => JSON.parse(text)) });
    return sets.length - 1;
  },
  claims({ set, request, text }) {
    const { texts, objects } = sets[set];
    return text ? JSON.parse(JSON.stringify(policy(JSON.parse(texts[request])))) : policy(objects[request]);
  },
  turn({ set, order, repeats, text }) {
    const { texts, objects } = sets[set];
    const start = process.hrtime.bigint();
    for (let i = 0; i < repeats; i++) {
      if (text) for (const request of order) kept = JSON.stringify(policy(JSON.parse(texts[request])));
      else for (const request of order) kept = policy(objects[request]);
    }
    return nanos(start) / (repeats * order.length);
  },
};

require("node:readline").createInterface({ input: process.stdin }).on("line", (line) => {
  const { command, ...rest } = JSON.parse(line);
  console.log(JSON.stringify(commands[command](rest)));
});
