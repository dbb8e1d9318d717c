import { describe, expect, it } from 'vitest';
import { rewriteStructLiterals, StructLiteralError } from '../../../src/api/admission/cel/struct-literals.ts';

const rewrite = (text: string): string => rewriteStructLiterals(text, ['JSONPatch']);

describe('struct literals', () => {
  it.each([
    ["JSONPatch{op: 'add', path: '/a'}", `newJSONPatch({"op": dyn('add'), "path": dyn('/a')})`],
    ['JSONPatch {\n  value: 1,\n}', 'newJSONPatch({"value": dyn(1)})'],
    ['JSONPatch{}', 'newJSONPatch({})'],
    // A colon of a conditional or of a map is no field.
    ['JSONPatch{value: a ? b : c}', 'newJSONPatch({"value": dyn(a ? b : c)})'],
    ["JSONPatch{value: {'k': [1, 2]}}", `newJSONPatch({"value": dyn({'k': [1, 2]})})`],
    ['JSONPatch{value: JSONPatch{op: x}}', 'newJSONPatch({"value": dyn(newJSONPatch({"op": dyn(x)}))})'],
    ['[JSONPatch{op: f(a, b)}]', '[newJSONPatch({"op": dyn(f(a, b))})]'],
  ])('rewrites %s', (text, expected) => {
    expect(rewrite(text)).toBe(expected);
  });

  it.each([
    "'JSONPatch{op: 1}'",
    '"a \\" JSONPatch{op: 1}"',
    "'''it's JSONPatch{op: 1}'''",
    "r'\\' + JSONPatchOf",
    'MyJSONPatch{a}',
    "{'JSONPatch': 1}",
    'JSONPatch.x',
  ])('leaves %s alone', (text) => {
    expect(rewrite(text)).toBe(text);
  });

  it.each(['JSONPatch{op: 1', "JSONPatch{'op': 1}", 'JSONPatch{1}'])('refuses %s', (text) => {
    expect(() => rewrite(text)).toThrow(StructLiteralError);
  });
});
