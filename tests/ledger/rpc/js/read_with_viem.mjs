// Reads the chain with viem; the question comes as JSON in the first argument.
import { createPublicClient, defineChain, http, keccak256 } from "viem";

const asked = JSON.parse(process.argv[2]);
const chain = defineChain({
  id: asked.chain,
  name: "Registry",
  nativeCurrency: { name: "none", symbol: "NONE", decimals: 18 },
  rpcUrls: { default: { http: [asked.url] } },
});
const client = createPublicClient({ chain, transport: http(asked.url, { batch: true }) });
const contract = { address: asked.certificates, abi: asked.abi };
const args = [asked.holder, asked.id];

const refusal = await client
  .simulateContract({ ...contract, functionName: "pause", account: asked.nowhere })
  .catch((error) => error);
const sent = await client.sendRawTransaction({ serializedTransaction: asked.raw }).catch((error) => error);
const retired = await client.getContractEvents({
  ...contract, eventName: "Retired", args: { account: asked.holder }, fromBlock: 0n,
});
const block = await client.getBlock({ blockNumber: 4n, includeTransactions: true });
const receipt = await client.getTransactionReceipt({ hash: asked.hash });
const proof = await client.getProof({ address: asked.certificates, storageKeys: [asked.slot] });
const estimate = await client.estimateContractGas({
  ...contract, functionName: "setApprovalForAll", args: [asked.nowhere, true], account: asked.nowhere,
});

console.log(JSON.stringify({
  chain: await client.getChainId(),
  balance: Number(await client.readContract({ ...contract, functionName: "balanceOf", args })),
  before: Number(await client.readContract({ ...contract, functionName: "balanceOf", args, blockNumber: 2n })),
  uri: await client.readContract({ ...contract, functionName: "uri", args: [asked.id] }),
  retired: retired.map((log) => [Number(log.args.amount), Number(log.args.count)]),
  transactions: block.transactions.map((each) => each.hash),
  status: receipt.status === "success" ? 1 : 0,
  logs: receipt.logs.length,
  gasPrice: Number(await client.getGasPrice()),
  estimate: Number(estimate),
  rootIsHashed: keccak256(proof.accountProof[0]) === (await client.getBlock()).stateRoot,
  stored: Number(proof.storageProof[0].value),
  reason: refusal.cause?.reason ?? refusal.shortMessage,
  sent: String(sent.message).includes("certificate contract"),
  missing: await client.getTransaction({ hash: "0x" + "22".repeat(32) }).catch(() => null),
}));
