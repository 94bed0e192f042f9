//! The port to the schedulers behind `run scheduler`, `schedule` and `task` (reference/command-language 13).

use jiff::Timestamp;
use std::time::Duration;

/// A task that `schedule … task …` adds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewTask {
    /// Name, unique in its scheduler.
    pub name: Option<String>,
    /// Time between two runs.
    pub every: Duration,
    /// First run; now when it is not given.
    pub start: Option<Timestamp>,
    /// Text of the command, resolved at each run.
    pub command: String,
}

/// How a command names a task.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TaskKey {
    /// By its name.
    Name(String),
    /// By its number in the scheduler, from 1.
    Id(usize),
}

/// What `task …` does with a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TaskChange {
    /// It does not run until it is resumed.
    Stop,
    /// It runs again when it is due.
    Resume,
    /// It is forgotten and its number is used again.
    Remove,
    /// It waits for a new start.
    Start(Timestamp),
}

/// State of a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TaskMode {
    /// It has not run since it was scheduled, resumed or given a new start.
    Paused,
    /// It ran and runs again when it is due.
    Active,
    /// `task stop`.
    Stopped,
}

/// One task as `get scheduler` shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaskStatus {
    /// Number in its scheduler, from 1.
    pub id: usize,
    /// State.
    pub mode: TaskMode,
    /// Name, when it has one.
    pub name: Option<String>,
    /// Runs by the scheduler.
    pub runs: u64,
    /// Text of the last run's result; nothing before the first run.
    pub last: Option<String>,
    /// First run.
    pub start: Timestamp,
    /// Time between two runs.
    pub every: Duration,
    /// Text of the command.
    pub command: String,
}

/// One declared scheduler.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SchedulerStatus {
    /// Number, 0 for the node's own.
    pub id: usize,
    /// True while it runs its tasks.
    pub running: bool,
    /// Its tasks in the order of their numbers.
    pub tasks: Vec<TaskStatus>,
}
