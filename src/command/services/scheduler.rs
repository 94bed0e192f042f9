//! `run scheduler`, `schedule … task …`, `task …`, `get scheduler`, `exit scheduler` (reference/command-language 13).

use crate::{
    command::engine::{Access, Command, Entry, Help, Line, Parsed, parsed},
    node::{NewTask, Node, SchedulerStatus, Session, TaskChange, TaskKey, TaskMode, TaskStatus},
    reply::{Code, Error, Notice, Reply, Table},
    runtime::clock,
    script::{Arguments, Key, command_text, moment, where_list},
};
use async_trait::async_trait;
use serde_json::{Value, json};
use std::{sync::Arc, time::Duration};

/// A command about the schedulers.
#[derive(Clone, Debug, PartialEq)]
pub enum Scheduling {
    /// `run scheduler [N]`.
    Run(usize),
    /// `exit scheduler N`.
    Exit(usize),
    /// `schedule … task …`.
    Schedule(usize, NewTask),
    /// `task stop|resume|remove|init …`.
    Change(usize, TaskKey, TaskChange),
    /// `task run …`.
    RunTask(usize, TaskKey),
    /// `get scheduler [N]`.
    Show(Option<usize>),
}

#[async_trait]
impl Command for Scheduling {
    async fn run(self: Box<Self>, node: &Arc<Node>, session: &mut Session) -> Result<Reply, Error> {
        let schedulers = &node.services.scheduler;
        match *self {
            Self::Run(id) => return start(node, session, id),
            Self::Exit(id) => exit(node, id).await,
            Self::Schedule(id, task) => schedulers.schedule(id, task, session.caller())?,
            Self::Change(id, key, change) => schedulers.change(id, &key, change)?,
            Self::RunTask(id, key) => {
                let text = schedulers.command(id, &key)?;
                return Box::pin(node.commands.run(node, session, &text)).await;
            }
            Self::Show(id) => return Ok(overview(&schedulers.status(), id)),
        }
        Ok(Reply::Empty)
    }
}

fn start(node: &Arc<Node>, session: &Session, id: usize) -> Result<Reply, Error> {
    node.services.scheduler.start(node, id).inspect_err(|error| {
        let text = if error.code == Code::ALREADY_ACTIVE {
            "Scheduler already running"
        } else {
            "Wrong value for Scheduler ID"
        };
        session.output.notice(&Notice::Paragraph(text.to_owned()));
    })?;
    Ok(Reply::Empty)
}

async fn exit(node: &Node, id: usize) {
    if node.services.scheduler.stop(id).await {
        node.console.background(&Notice::Event(format!("Scheduler #{id} terminated")));
    }
}

/// Describes one scheduler, or all of them when no number is given.
fn overview(schedulers: &[SchedulerStatus], id: Option<usize>) -> Reply {
    let Some(id) = id else {
        return Reply::Sections(schedulers.iter().map(|scheduler| Reply::Table(tasks(scheduler))).collect());
    };
    match schedulers.iter().find(|scheduler| scheduler.id == id) {
        Some(scheduler) => Reply::Table(tasks(scheduler)),
        None => Reply::Text(format!("Scheduler {id} not declared")),
    }
}

/// Lists the tasks of a scheduler.
fn tasks(scheduler: &SchedulerStatus) -> Table {
    let state = if scheduler.running { "Running" } else { "Not Running" };
    let facts = [("Scheduler ID", json!(scheduler.id)), ("Scheduler Status", json!(state))];
    let titles = ["ID", "Mode", "Name", "Counter", "Run Status", "Start-Time", "Repeat-Time", "Task"];
    let rows = scheduler.tasks.iter().map(row).collect();
    let facts = facts.map(|(name, value)| (name.to_owned(), value)).to_vec();
    Table { facts, ..Table::new(titles, rows).with_header("Scheduled Tasks") }
}

fn row(task: &TaskStatus) -> Vec<Value> {
    let mode = match task.mode {
        TaskMode::Paused => "Paused",
        TaskMode::Active => "Active",
        TaskMode::Stopped => "Stopped",
    };
    vec![
        task.id.into(),
        mode.into(),
        task.name.as_deref().into(),
        task.runs.into(),
        task.last.as_deref().unwrap_or("No runs").into(),
        clock::micro(task.start).into(),
        repeat_text(task.every).into(),
        task.command.as_str().into(),
    ]
}

/// Hours, minutes and seconds without padding.
fn repeat_text(every: Duration) -> String {
    let seconds = every.as_secs();
    format!("{}:{}:{}", seconds / 3600, seconds / 60 % 60, seconds % 60)
}

fn invalid(detail: &str) -> Error {
    Error::with(Code::STRUCTURE, detail)
}

fn scheduler_number(line: &Line<'_>) -> Result<Option<usize>, Error> {
    match line.arguments() {
        [] => Ok(None),
        [word] => {
            let digits = word.text.bytes().all(|byte| byte.is_ascii_digit());
            let number = word.text.parse().ok().filter(|_| digits).map(Some);
            number.ok_or_else(|| invalid(&format!("'{}' is no number of a scheduler", word.text)))
        }
        [_, word, ..] => Err(invalid(&format!("'{}' is not expected here", word.text))),
    }
}

fn parse_run(line: &Line<'_>) -> Parsed {
    parsed(Scheduling::Run(scheduler_number(line)?.unwrap_or(1)))
}

fn parse_exit(line: &Line<'_>) -> Parsed {
    let id = scheduler_number(line)?.ok_or_else(|| invalid("'exit scheduler' needs the number of the scheduler"))?;
    parsed(Scheduling::Exit(id))
}

fn parse_show(line: &Line<'_>) -> Parsed {
    if line.assigned.is_some() {
        return Err(invalid("the result of 'get scheduler' is a text for people and cannot be assigned"));
    }
    parsed(Scheduling::Show(scheduler_number(line)?))
}

fn parse_schedule(line: &Line<'_>) -> Parsed {
    let words = line.arguments();
    let missing = || invalid("Missing 'task' in schedule statement");
    let at = words.iter().position(|word| word.is("task")).ok_or_else(missing)?;
    let (options, task) = words.split_at(at);
    let command = task.get(1..).unwrap_or_default();
    if command.iter().all(|word| word.text.is_empty()) {
        return Err(missing());
    }
    let command = command_text(command);
    let schema = [Key::time("time").required(), Key::text("name"), Key::int("scheduler"), Key::text("start")];
    let options = where_list(options, line.scope, &schema)?;
    let every = options.seconds("time").unwrap_or_default();
    let start = start_time(&options)?;
    let name = options.text("name").map(str::to_owned);
    let task = NewTask { name, every, start, command };
    parsed(Scheduling::Schedule(scheduler(&options)?.unwrap_or(1), task))
}

fn scheduler(options: &Arguments) -> Result<Option<usize>, Error> {
    let id = options.int("scheduler").map(usize::try_from).transpose();
    id.map_err(|_| invalid("Scheduler ID is above limit"))
}

fn start_time(options: &Arguments) -> Result<Option<jiff::Timestamp>, Error> {
    let invalid_start = |text: &str| {
        invalid(&format!("'{text}' is no start: write a date as YYYY-MM-DD HH:MM:SS, or a distance as +1d, +2h, +30m"))
    };
    options.text("start").map(|text| moment(text, clock::now()).ok_or_else(|| invalid_start(text))).transpose()
}

fn parse_task(line: &Line<'_>) -> Parsed {
    let usage = || invalid("write: task stop|resume|run|remove|init where scheduler = N and name = X");
    let [operation, keyword, options @ ..] = line.arguments() else { return Err(usage()) };
    let operation = operation.text.as_str();
    if !["stop", "resume", "remove", "init", "run"].contains(&operation) || !keyword.is("where") {
        return Err(usage());
    }
    let schema = [Key::int("scheduler").required(), Key::text("name"), Key::int("id"), Key::text("start")];
    let options = where_list(options, line.scope, &schema)?;
    let id = scheduler(&options)?.unwrap_or(1);
    let key = key(&options)?;
    let change = match operation {
        "run" => return parsed(Scheduling::RunTask(id, key)),
        "stop" => TaskChange::Stop,
        "resume" => TaskChange::Resume,
        "remove" => TaskChange::Remove,
        _ => {
            let missing = || invalid("Missing start date and time for scheduled task");
            TaskChange::Start(start_time(&options)?.ok_or_else(missing)?)
        }
    };
    parsed(Scheduling::Change(id, key, change))
}

fn key(options: &Arguments) -> Result<TaskKey, Error> {
    match (options.text("name"), options.int("id")) {
        (None, None) => Err(invalid("Task Name or Task ID needs to be provided")),
        (Some(_), Some(_)) => Err(invalid("Task Name and Task ID are provided - only one is needed")),
        (Some(name), None) => Ok(TaskKey::Name(name.to_owned())),
        (None, Some(id)) => Ok(TaskKey::Id(usize::try_from(id).unwrap_or(usize::MAX))),
    }
}

/// The commands of this file.
pub const ENTRIES: &[Entry] = &[
    Entry::change(
        "run scheduler",
        parse_run,
        Help {
            usage: "run scheduler [id]",
            text: "Starts a scheduler: from then on it runs its tasks whenever they are due. Scheduler 0 is the node's own and \
                   runs from the start; 1 is used when no number is given; 10 is the highest.",
            examples: &["run scheduler", "run scheduler 1"],
            index: &["background processes"],
        },
    ),
    Entry::change(
        "exit scheduler",
        parse_exit,
        Help {
            usage: "exit scheduler [id]",
            text: "Stops a scheduler after the task that runs now. Its tasks stay and run again after 'run scheduler'.",
            examples: &["exit scheduler 1"],
            index: &["background processes"],
        },
    ),
    Entry::change(
        "schedule",
        parse_schedule,
        Help {
            usage: "schedule time = [time] [and name = name] [and scheduler = id] [and start = moment] task [command]",
            text: "Adds a task: a command that a scheduler runs again and again. The time has a unit (second, minute, hour, \
                   day). The command is kept as text; its references are looked up at each run. The start is a date or a \
                   distance such as +1d; without it the task is due at once.",
            examples: &[
                "schedule time = 1 hour and name = \"Show Status\" task get status",
                "schedule time = 1 day and start = +2h and scheduler = 2 task if !ready == true then process !nightly",
            ],
            index: &["background processes"],
        },
    ),
    Entry::change(
        "task",
        parse_task,
        Help {
            usage: "task [stop/resume/run/remove/init] where scheduler = [id] and [name = name or id = number] [and start = moment]",
            text: "Changes a task of a scheduler: 'stop' until 'resume', 'run' at once for the caller, 'remove', or 'init' with \
                   a new start.",
            examples: &[
                "task stop where scheduler = 1 and name = \"Show Status\"",
                "task init where scheduler = 1 and id = 2 and start = +1d",
            ],
            index: &["background processes"],
        },
    ),
    Entry::read(
        "get scheduler",
        parse_show,
        Help {
            usage: "get scheduler [id]",
            text: "Shows the schedulers, or one of them, with their tasks: state, number of runs, last result, start, repeat \
                   time and command.",
            examples: &["get scheduler", "get scheduler 1"],
            index: &["background processes"],
        },
    )
    .reaching(Access::ReadInside),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::script::{Scope, words};

    struct Nothing;

    impl Scope for Nothing {
        fn variable(&self, _: &str) -> Option<String> {
            None
        }
        fn environment(&self, _: &str) -> Option<String> {
            None
        }
    }

    fn parse(text: &str) -> Result<Scheduling, Error> {
        let words = words(text).unwrap();
        let two = ["run", "get", "exit"].iter().any(|first| text.starts_with(first));
        let parse = match text.split(' ').next() {
            Some("run") => parse_run,
            Some("exit") => parse_exit,
            Some("get") => parse_show,
            Some("task") => parse_task,
            _ => parse_schedule,
        };
        let named = if two { 2 } else { 1 };
        let catalog = &*crate::command::CATALOG;
        let parsed: Box<dyn std::any::Any> =
            parse(&Line { words: &words, named, assigned: None, catalog, scope: &Nothing })?;
        Ok(*parsed.downcast().unwrap())
    }

    fn detail(text: &str) -> Option<String> {
        let error = parse(text).unwrap_err();
        assert_eq!(error.code, Code::STRUCTURE);
        error.detail
    }

    #[test]
    fn task_keeps_its_text() {
        let parsed = parse("schedule time = 1 hour and name = \"t one\" task print \"a b\" and c=3").unwrap();
        let Scheduling::Schedule(1, task) = parsed else { panic!("{parsed:?}") };
        assert_eq!(task.command, "print \"a b\" and c = 3");
        assert_eq!((task.name.as_deref(), task.every.as_secs()), (Some("t one"), 3600));
    }

    #[test]
    fn a_task_is_the_command_that_was_typed() {
        for command in [
            r#"rest get where url = "http://h/x?a=1&b=2""#,
            r##"print "#1" 'a  b'"##,
            r#"set x = "and""#,
            r#"x = """#,
            r#"if !a == 1 then from !p bring "[name]""#,
        ] {
            let parsed = parse(&format!("schedule time = 1 hour task {command}")).unwrap();
            let Scheduling::Schedule(1, task) = parsed else { panic!("{parsed:?}") };
            assert_eq!(task.command, command);
        }
        let missing = Some("Missing 'task' in schedule statement".to_owned());
        assert_eq!(detail("schedule time = 1 hour task \"\""), missing);
    }

    #[test]
    fn number_is_checked() {
        assert_eq!(parse("run scheduler").unwrap(), Scheduling::Run(1));
        assert_eq!(parse("get scheduler 0").unwrap(), Scheduling::Show(Some(0)));
        for text in ["run scheduler x", "get scheduler -1"] {
            assert!(detail(text).is_some_and(|detail| detail.contains("scheduler")), "{text}");
        }
    }

    #[test]
    fn mistakes_are_told_as_the_network_tells_them() {
        let missing = Some("Missing 'task' in schedule statement".to_owned());
        assert_eq!(detail("schedule time = 1 day and name = t4"), missing);
        assert_eq!(detail("schedule time = 1 day and name = t4 task"), missing);
        let unit = detail("schedule time = 5 weeks task print x").unwrap();
        assert_eq!(unit, "Wrong time unit: Key: 'time' is provided with the wrong time value: '5 weeks'");
        let usage = Some("write: task stop|resume|run|remove|init where scheduler = N and name = X".to_owned());
        assert_eq!(detail("task foo where scheduler = 1 and name = x"), usage);
        assert_eq!(
            detail("task run where scheduler = 1 and name = a and id = 1").unwrap(),
            "Task Name and Task ID are provided - only one is needed"
        );
        assert_eq!(
            detail("task init where scheduler = 1 and name = a").unwrap(),
            "Missing start date and time for scheduled task"
        );
    }

    #[test]
    fn repeat_time_has_no_padding() {
        assert_eq!(repeat_text(Duration::from_secs(60)), "0:1:0");
        assert_eq!(repeat_text(Duration::from_secs(2 * 86_400)), "48:0:0");
    }
}
