import Foundation
import Synchronization

/// The terminal on standard input, without echo, while a secret is asked for.
///
/// A signal that ends or stops the program gives the terminal back as it was before it takes effect, as readpassphrase(3) does: a shell that has
/// no line editor would go on without echo. When the program goes on, the echo is turned off anew and the question stands there again.
final class SilentTerminal {
    private static let signals = [SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGALRM, SIGTSTP, SIGCONT]

    private let prompt: String
    private let before: termios?
    private let pipe: (read: Int32, write: Int32)?
    private var others: [(signal: Int32, action: sigaction)] = []

    /// Asks, and turns the echo off.
    /// - Parameter prompt: the question.
    init(prompt: String) {
        self.prompt = prompt
        var settings = termios()
        before = tcgetattr(STDIN_FILENO, &settings) == 0 ? settings : nil
        var ends: [Int32] = [-1, -1]
        pipe = Foundation.pipe(&ends) == 0 ? (ends[0], ends[1]) : nil
        for end in ends where end >= 0 { _ = fcntl(end, F_SETFL, O_NONBLOCK) }
        if let pipe { signalPipe.store(pipe.write, ordering: .sequentiallyConsistent) }
        take()
        silence()
    }

    /// Waits until there is something to read. Signals that come meanwhile are obeyed.
    /// - Returns: whether the question was asked anew.
    func wait() -> SecretInput.Next {
        var next = SecretInput.Next.byte
        while true {
            var events = [pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)]
            if let pipe { events.append(pollfd(fd: pipe.read, events: Int16(POLLIN), revents: 0)) }
            guard poll(&events, nfds_t(events.count), -1) > 0 else {
                // Interrupted: by what stands in the pipe.
                if errno == EINTR { continue }
                return next
            }
            if let signal = pending() {
                obey(signal)
                next = .again
            } else if events[0].revents != 0 {
                return next
            }
        }
    }

    /// Gives the terminal back.
    func end() {
        restore()
        // One that came behind the last look takes effect now.
        let missed = pending()
        if let pipe {
            signalPipe.store(-1, ordering: .sequentiallyConsistent)
            close(pipe.read)
            close(pipe.write)
        }
        if let missed, missed != SIGCONT { Self.giveWay(to: missed) }
    }

    /// Has a signal take its effect before this returns. It goes to this very thread, which may be one of libdispatch's: they block all signals.
    private static func giveWay(to signal: Int32) {
        var (signals, before) = (sigset_t(), sigset_t())
        sigemptyset(&signals)
        sigaddset(&signals, signal)
        pthread_sigmask(SIG_UNBLOCK, &signals, &before)
        raise(signal)
        pthread_sigmask(SIG_SETMASK, &before, nil)
    }

    private func obey(_ signal: Int32) {
        // It was stopped by what nobody can catch, and whoever let it go on may have turned the echo on.
        guard signal != SIGCONT else { return silence() }
        restore()
        // When this returns, the program was stopped, and goes on.
        Self.giveWay(to: signal)
        take()
        silence()
    }

    /// The next signal that has come; nil for none.
    private func pending() -> Int32? {
        var byte: UInt8 = 0
        guard let pipe, read(pipe.read, &byte, 1) == 1 else { return nil }
        return Int32(byte)
    }

    private func silence() {
        StandardError.write(prompt)
        guard var settings = before else { return }
        settings.c_lflag &= ~tcflag_t(ECHO)
        set(settings)
    }

    private func restore() {
        if let before { set(before) }
        StandardError.write("\n")
        for (signal, action) in others {
            var action = action
            sigaction(signal, &action, nil)
        }
        others = []
    }

    /// Has signals written into the pipe. Those that nobody wants to hear, as under nohup(1), stay so.
    private func take() {
        guard pipe != nil else { return }
        for signal in Self.signals {
            var (action, old) = (sigaction(), sigaction())
            action.__sigaction_handler = .init(sa_handler: noteSignal)
            action.sa_flags = SA_RESTART
            sigaction(signal, nil, &old)
            guard unsafeBitCast(old.__sigaction_handler.sa_handler, to: Int.self) != Self.ignoring else { continue }
            sigaction(signal, &action, nil)
            others.append((signal, old))
        }
    }

    /// `SIG_IGN`, which Swift can't compare with.
    private static let ignoring = 1

    private func set(_ settings: termios) {
        var settings = settings
        while tcsetattr(STDIN_FILENO, TCSAFLUSH, &settings) != 0, errno == EINTR {}
    }
}

/// Where the handler writes. A handler has nothing but globals, and may do nothing but write(2) (signal-safety(7)).
private let signalPipe = Atomic<Int32>(-1)

private func noteSignal(_ number: Int32) {
    let before = errno
    var byte = UInt8(truncatingIfNeeded: number)
    _ = write(signalPipe.load(ordering: .sequentiallyConsistent), &byte, 1)
    errno = before
}
