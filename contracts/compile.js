// Compiles AnyLog2.sol with the compiler whose directory is given and writes the artefact to standard output: the
// interface, the code that creates the contract, and all that somebody needs to make the same code again.
//   node contracts/compile.js DIRECTORY_OF_SOLC
"use strict";
const fs = require("fs");
const path = require("path");

const name = "AnyLog2";
const file = `${name}.sol`;
const settings = {
  // Chains of companies and of laboratories are older than the public ones: nothing after London is needed.
  evmVersion: "london",
  optimizer: { enabled: true, runs: 200 },
  // The code says nothing of its source's comments and path, so that it changes only with what it does.
  metadata: { bytecodeHash: "none", appendCBOR: false },
};

const solc = require(path.resolve(process.argv[2]));
const source = fs.readFileSync(path.join(__dirname, file), "utf8");
const input = {
  language: "Solidity",
  sources: { [file]: { content: source } },
  settings: { ...settings, outputSelection: { [file]: { [name]: ["abi", "evm.bytecode.object"] } } },
};
const output = JSON.parse(solc.compile(JSON.stringify(input)));
const complaints = output.errors || [];
complaints.forEach((complaint) => process.stderr.write(`${complaint.formattedMessage}\n`));
if (complaints.length > 0) {
  process.exit(1);
}
const { abi, evm } = output.contracts[file][name];
const artefact = { contract: name, compiler: solc.version(), settings, abi, bytecode: `0x${evm.bytecode.object}` };
process.stdout.write(`${JSON.stringify(artefact, null, 1)}\n`);
