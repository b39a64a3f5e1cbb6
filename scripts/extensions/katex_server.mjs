// Renders formulas for katex.py: one JSON line in (the formulas of a page), one JSON line out.
import katex from "katex";
import { createInterface } from "node:readline";

// Commands that link, load or set HTML attributes would otherwise come out as red text, and no error.
function trust({ command }) {
  throw new Error(`${command} is not allowed`);
}

for await (const line of createInterface({ input: process.stdin })) {
  const answers = JSON.parse(line).map(([tex, displayMode]) => {
    try {
      const options = { displayMode, output: "htmlAndMathml", strict: "error", trust };
      return { html: katex.renderToString(tex, options) };
    } catch (error) {
      return { error: error.rawMessage ?? error.message };
    }
  });
  process.stdout.write(JSON.stringify(answers) + "\n");
}
