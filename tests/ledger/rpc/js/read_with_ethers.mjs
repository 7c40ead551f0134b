// Reads the chain with ethers; the question comes as JSON in the first argument.
import { Contract, FetchRequest, JsonRpcProvider, keccak256 } from "ethers";

const asked = JSON.parse(process.argv[2]);
const provider = new JsonRpcProvider(new FetchRequest(asked.url));
const contract = new Contract(asked.certificates, asked.abi, provider);

const refusal = await contract.pause.staticCall({ from: asked.nowhere }).catch((error) => error);
const sent = await provider.broadcastTransaction(asked.raw).catch((error) => error);
const retired = await contract.queryFilter(contract.filters.Retired(asked.holder), 0, "latest");
const block = await provider.getBlock(4, true);
const receipt = await provider.getTransactionReceipt(asked.hash);
const proof = await provider.send("eth_getProof", [asked.certificates, [asked.slot], "latest"]);
const fees = await provider.getFeeData();

console.log(JSON.stringify({
  chain: Number((await provider.getNetwork()).chainId),
  balance: Number(await contract.balanceOf(asked.holder, asked.id)),
  before: Number(await contract.balanceOf(asked.holder, asked.id, { blockTag: 2 })),
  uri: await contract.uri(asked.id),
  retired: retired.map((log) => [Number(log.args.amount), Number(log.args.count)]),
  transactions: block.prefetchedTransactions.map((each) => each.hash),
  status: receipt.status,
  logs: receipt.logs.length,
  gasPrice: Number(fees.gasPrice),
  estimate: Number(await contract.setApprovalForAll.estimateGas(asked.nowhere, true)),
  rootIsHashed: keccak256(proof.accountProof[0]) === (await provider.send("eth_getBlockByNumber", ["latest", false])).stateRoot,
  stored: Number(proof.storageProof[0].value),
  reason: refusal.reason,
  sent: String(sent.message).includes("certificate contract"),
  missing: await provider.getTransaction("0x" + "22".repeat(32)),
}));
provider.destroy();
