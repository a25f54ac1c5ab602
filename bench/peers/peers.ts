/** The libraries that people would pick instead, each at a fixed version, with what they need fixed, too. */

export interface Peer {
  readonly language: "python" | "javascript";
  /** What is installed: pip's or npm's names with exact versions, the peer itself first. */
  readonly packages: readonly string[];
  /** Installed only where `--with` names it: what makes it large. */
  readonly brings?: "torch";
}

const NUMPY = "numpy==2.4.6";
const SCIPY = "scipy==1.17.1";

export const PEERS = {
  implicit: { language: "python", packages: ["implicit==0.7.3", "tqdm==4.70.1", "threadpoolctl==3.8.0", NUMPY, SCIPY] },
  /** LIBMF by its wrapper for Python, whose package carries LIBMF's source. */
  "libmf (PyPI)": { language: "python", packages: ["libmf==0.9.2", NUMPY] },
  surprise: { language: "python", packages: ["scikit-surprise==1.1.5", "joblib==1.6.0", NUMPY, SCIPY] },
  cmfrec: {
    language: "python",
    packages: ["cmfrec==3.5.1.post14", "threadpoolctl==3.8.0", "pandas==2.3.3", NUMPY, SCIPY],
  },
  pandas: { language: "python", packages: ["pandas==2.3.3", "pyarrow==26.0.1", NUMPY, SCIPY] },
  scipy: { language: "python", packages: [SCIPY, NUMPY] },
  lenskit: {
    language: "python",
    packages: ["lenskit==2025.8.1", "torch==2.15.0", "pandas==2.3.3", NUMPY, SCIPY],
    brings: "torch",
  },
  torch: { language: "python", packages: ["torch==2.15.0", NUMPY], brings: "torch" },
  /** LIBMF by its wrapper for Node, which carries it compiled. */
  "libmf (npm)": { language: "javascript", packages: ["libmf@0.2.0", "koffi@2.16.3"] },
  "TensorFlow.js": {
    language: "javascript",
    packages: ["@tensorflow/tfjs-core@4.22.0", "@tensorflow/tfjs-backend-wasm@4.22.0"],
  },
  "ml-matrix": { language: "javascript", packages: ["ml-matrix@6.15.1"] },
} as const satisfies Record<string, Peer>;

export type PeerName = keyof typeof PEERS;
