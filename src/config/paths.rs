//! Directories and files.

use super::group::group;
use std::path::PathBuf;

group! {
    /// Directories and files of the node.
    pub struct Paths {
        /// Root of everything the node writes; `run --embedded` takes `./anylog-data`.
        anylog_path: PathBuf = ANYLOG_PATH | EDGELAKE_PATH ["/app"],
        /// Directory of deployment scripts; not set: `deployment-scripts` under ANYLOG_PATH.
        local_scripts: Option<PathBuf> = LOCAL_SCRIPTS[""],
        /// Directory of test scripts; not set: `test` under LOCAL_SCRIPTS.
        test_dir: Option<PathBuf> = TEST_DIR[""],
        /// Directory of the local copy of the ledger; not set: `EdgeLake/blockchain` under ANYLOG_PATH.
        blockchain_dir: Option<PathBuf> = BLOCKCHAIN_DIR[""],
        /// Directory of data; not set: `EdgeLake/data` under ANYLOG_PATH.
        data_dir: Option<PathBuf> = DATA_DIR[""],
    }
}
