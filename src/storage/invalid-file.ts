/** The one form in which a file is refused: `<name> is not a valid model file: <fault>`. */
export function invalidFile(name: string, fault: string): Error {
  return new Error(`${name} is not a valid model file: ${fault}`);
}
