//! Whether somebody sits at the terminal. An engine gives a container a terminal that nobody looks at; what is written
//! there ends in its log, where prompts, colours and what was typed have no place.

use rustix::{
    event::{PollFd, PollFlags, poll},
    io::Errno,
    process::getpgrp,
    termios::{
        LocalModes, OptionalActions, OutputModes, SpecialCodeIndex, Termios, tcgetattr, tcgetpgrp, tcgetwinsize,
        tcsetattr,
    },
};
use std::{
    io::{self, IsTerminal},
    sync::OnceLock,
};
use tokio::{
    signal::unix::{SignalKind, signal},
    sync::oneshot,
};

/// How the terminal was found when it was looked at first.
static FOUND: OnceLock<Option<Termios>> = OnceLock::new();

/// How the terminal was found, and how it is set for who is there.
#[derive(Clone, Debug)]
pub struct Modes {
    found: Option<Termios>,
}

impl Modes {
    /// Reads how the terminal was found.
    #[must_use]
    pub fn read() -> Self {
        Self { found: FOUND.get_or_init(|| tcgetattr(io::stdin()).ok()).clone() }
    }

    /// Makes Ctrl-C a key like any other while a command runs: between two lines it would end the whole process.
    pub fn attended(&self) {
        self.set(|mode| mode.local_modes.remove(LocalModes::ISIG));
    }

    /// The same, and keys are not shown: something secret is typed.
    pub fn unseen(&self) {
        self.set(|mode| mode.local_modes.remove(LocalModes::ISIG | LocalModes::ECHO));
    }

    /// Shows no keys, hands each one on at once, and writes plain line ends where nobody can see them.
    pub fn unattended(&self) {
        self.set(|mode| {
            mode.local_modes.remove(LocalModes::ISIG | LocalModes::ECHO | LocalModes::ICANON);
            mode.special_codes[SpecialCodeIndex::VMIN] = 1;
            mode.special_codes[SpecialCodeIndex::VTIME] = 0;
            plain_ends_for_nobody(mode);
        });
    }

    /// Gives the terminal back as it was found; where nobody can see them, line ends stay plain until [`give_back`], because
    /// lines of the log are still to come.
    pub fn restore(&self) {
        self.set(plain_ends_for_nobody);
    }

    fn set(&self, change: impl FnOnce(&mut Termios)) {
        if let Some(mut mode) = self.found.clone() {
            change(&mut mode);
            // A terminal that is gone needs no mode.
            let _gone = tcsetattr(io::stdin(), OptionalActions::Now, &mode);
        }
    }
}

/// Writes plain line ends where nobody can see them: what an engine's terminal shows is kept as a log.
fn plain_ends_for_nobody(mode: &mut Termios) {
    if !has_size() {
        mode.output_modes.remove(OutputModes::ONLCR);
    }
}

/// Gives the terminal back as it was found, behind the last line that the program writes.
pub fn give_back() {
    if let Some(Some(mode)) = FOUND.get() {
        // A terminal that is gone needs no mode; otherwise what was written is to get there first.
        let _gone = tcsetattr(io::stdin(), OptionalActions::Drain, mode);
    }
}

/// Tells whether input and output are one terminal that this process may read from.
pub fn is_ours() -> bool {
    io::stdin().is_terminal() && io::stdout().is_terminal() && is_in_foreground()
}

/// Tells whether this process may read from the terminal: reading as a background job would stop the whole process.
fn is_in_foreground() -> bool {
    tcgetpgrp(io::stdin()).is_ok_and(|group| group == getpgrp())
}

/// Prepares a terminal that nobody looks at for the first line of the log.
pub fn prepare() {
    if is_ours() && !has_size() {
        Modes::read().unattended();
    }
}

/// Tells whether the terminal has a size: whoever looks at one gives it the size of the window, and an engine's terminal
/// has none until somebody attaches to it.
#[must_use]
pub fn has_size() -> bool {
    tcgetwinsize(io::stdin()).is_ok_and(|size| size.ws_row > 0 && size.ws_col > 0)
}

/// Waits for somebody: a key is pressed, which stays to be read, or the window gets a size, as it does when somebody
/// attaches to a container.
///
/// # Errors
/// When the terminal cannot be watched.
pub async fn arrival() -> io::Result<()> {
    let mut sized = signal(SignalKind::window_change())?;
    tokio::select! {
        key = key() => key?,
        _ = sized.recv() => {}
    }
    Ok(())
}

/// Waits for a key, which stays to be read.
///
/// # Errors
/// When the terminal cannot be watched.
pub async fn key() -> io::Result<()> {
    // When the writer is dropped, at the latest with this future, the thread ends.
    let (stop, _running) = io::pipe()?;
    let (told, key) = oneshot::channel();
    std::thread::Builder::new().name("terminal".to_owned()).spawn(move || {
        wait_for_key(&stop);
        let _left = told.send(());
    })?;
    // The thread ends with a word or with the terminal.
    let _pressed = key.await;
    Ok(())
}

/// Waits until a key is pressed or the other end of the pipe is closed.
fn wait_for_key(stop: &io::PipeReader) {
    let terminal = io::stdin();
    let mut watched = [PollFd::new(&terminal, PollFlags::IN), PollFd::new(stop, PollFlags::IN)];
    while poll(&mut watched, None) == Err(Errno::INTR) {}
}
