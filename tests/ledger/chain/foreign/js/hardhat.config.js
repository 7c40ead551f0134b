module.exports = {
  solidity: "0.8.28",
  networks: {
    hardhat: {
      chainId: 202611,
      hardfork: "prague",
      blockGasLimit: 200_000_000,
      accounts: { count: 1 },
      mining: { auto: false, interval: 0 },
    },
  },
};
