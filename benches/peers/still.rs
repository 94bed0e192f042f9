//! Processes that stand still while others are measured, so that what they postponed does not run beside them.

use rustix::process::{Pid, Signal, kill_process};

/// Stops a process where it is.
pub fn stand_still(process: u32) {
    send(process, Signal::STOP);
}

/// Lets a process go on.
pub fn go_on(process: u32) {
    send(process, Signal::CONT);
}

fn send(process: u32, signal: Signal) {
    let process = Pid::from_raw(i32::try_from(process).unwrap()).unwrap();
    kill_process(process, signal).unwrap();
}
