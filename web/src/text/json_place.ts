// Where a text stops being JSON (RFC 8259): browsers say it in different words, and some of them without a place.

export interface Place {
  line: number;
  column: number;
  what: string;
}

class Scanner {
  at = 0;
  constructor(private readonly text: string) {}

  private space(): void {
    while (/[ \t\r\n]/.test(this.text[this.at] ?? '')) ++this.at;
  }

  // Each returns what is wrong at `at`, or ''.
  document(): string {
    const wrong = this.value(0);
    if (wrong) return wrong;
    this.space();
    return this.at < this.text.length ? 'nothing may follow here' : '';
  }

  private value(depth: number): string {
    if (depth > 200) return 'nested too deeply';
    this.space();
    const c = this.text[this.at];
    if (c === undefined) return 'the text ends where a value is missing';
    if (c === '{') return this.members(depth);
    if (c === '[') return this.elements(depth);
    if (c === '"') return this.string();
    const plain = /(?:true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)(?![\w.])/y;
    plain.lastIndex = this.at;
    const match = plain.exec(this.text);
    if (!match) return 'a value has to stand here';
    this.at += match[0].length;
    return '';
  }

  private members(depth: number): string {
    ++this.at;
    this.space();
    if (this.text[this.at] === '}') return this.pass();
    for (;;) {
      this.space();
      if (this.text[this.at] !== '"') return 'a name in double quotes has to stand here';
      const name = this.string();
      if (name) return name;
      this.space();
      if (this.text[this.at] !== ':') return 'a colon is missing';
      ++this.at;
      const wrong = this.value(depth + 1);
      if (wrong) return wrong;
      this.space();
      if (this.text[this.at] === '}') return this.pass();
      if (this.text[this.at] !== ',') return 'a comma or } is missing';
      ++this.at;
    }
  }

  private elements(depth: number): string {
    ++this.at;
    this.space();
    if (this.text[this.at] === ']') return this.pass();
    for (;;) {
      const wrong = this.value(depth + 1);
      if (wrong) return wrong;
      this.space();
      if (this.text[this.at] === ']') return this.pass();
      if (this.text[this.at] !== ',') return 'a comma or ] is missing';
      ++this.at;
    }
  }

  private string(): string {
    for (++this.at;; ++this.at) {
      const c = this.text[this.at];
      if (c === '"') return this.pass();
      if (c === undefined) return 'the text ends within quotes';
      if (c < ' ') return 'a line may not end within quotes';
      if (c !== '\\') continue;
      const escape = /\\(?:["\\/bfnrt]|u[\da-fA-F]{4})/y;
      escape.lastIndex = this.at;
      const match = escape.exec(this.text);
      if (!match) return 'this is no escape';
      this.at += match[0].length - 1;
    }
  }

  private pass(): string {
    ++this.at;
    return '';
  }
}

// Null where the text is JSON.
export function wrongPlace(text: string): Place | null {
  const scanner = new Scanner(text);
  const what = scanner.document();
  if (!what) return null;
  const before = text.slice(0, scanner.at).split('\n');
  return {line: before.length, column: (before.at(-1)?.length ?? 0) + 1, what};
}
