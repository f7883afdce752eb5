import Foundation
import TestSupport
import Testing

@Suite("The terminal on which a secret is asked for")
struct TerminalTests {
    /// Runs a command on a terminal of its own, as a shell with jobs does, sends it a signal while it asks, and prints what the terminal is like
    /// before, meanwhile and after. The terminal's master has its settings too.
    private static let script = """
        import fcntl, os, pty, select, signal, sys, termios, time
        master, slave = pty.openpty()
        def echo(): return "echo" if termios.tcgetattr(master)[3] & termios.ECHO else "silent"
        def state(pid):
            with open(f"/proc/{pid}/stat") as file: return file.read().rsplit(")", 1)[1].split()[0]
        def wait(what, condition):
            end = time.monotonic() + 60
            while not condition():
                if time.monotonic() > end: sys.exit(f"not within a minute: {what}")
                time.sleep(0.01)
        seen = b""
        def read():
            global seen
            while select.select([master], [], [], 0)[0]: seen += os.read(master, 4096)
            return seen
        pipe = os.pipe()
        shell = os.fork()
        if shell == 0:
            # The leader of the session, which has the terminal; the command is a job of its own in it.
            os.setsid()
            fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
            signal.signal(signal.SIGTTOU, signal.SIG_IGN)
            job = os.fork()
            if job == 0:
                os.setpgid(0, 0)
                os.tcsetpgrp(slave, os.getpid())
                for number in (0, 1, 2): os.dup2(slave, number)
                # Whatever this test was started under: an ignored signal stays ignored.
                for number in (signal.SIGTTOU, signal.SIGINT, signal.SIGQUIT, signal.SIGHUP, signal.SIGTERM, signal.SIGTSTP):
                    signal.signal(number, signal.SIG_DFL)
                os.execv(sys.argv[2], sys.argv[2:])
            os.write(pipe[1], b"%d\\n" % job)
            status = os.waitpid(job, 0)[1]
            os.write(pipe[1], b"%d\\n" % status)
            os._exit(0)
        os.close(pipe[1])
        # One that does not end must not hold up the others for ever.
        signal.alarm(300)
        numbers = os.fdopen(pipe[0])
        job = int(numbers.readline())
        mode = sys.argv[1]
        print(echo())
        wait("it asks", lambda: b"assword" in read() and echo() == "silent")
        if mode.startswith("SIG"):
            os.kill(job, getattr(signal, mode))
        elif mode == "key": os.write(master, b"\\x03")
        if mode == "SIGTSTP" or mode == "SIGSTOP":
            wait("it stops", lambda: state(job) == "T")
            print("stopped", echo() if mode == "SIGTSTP" else "-")
            # What a shell does: the terminal as it was, the job in front, and on.
            settings = termios.tcgetattr(master)
            settings[3] |= termios.ECHO
            termios.tcsetattr(slave, termios.TCSANOW, settings)
            count = read().count(b"assword")
            os.kill(job, signal.SIGCONT)
            wait("it asks again", lambda: read().count(b"assword") > count and echo() == "silent")
            os.write(master, b"apple\\n")
        elif mode == "typed": os.write(master, b"apple\\n")
        status = int(numbers.readline())
        print(f"signal {os.WTERMSIG(status)}" if os.WIFSIGNALED(status) else f"status {os.WEXITSTATUS(status)}", echo())
        print("shown" if b"apple" in read() else "hidden")
        """

    // Not with SIGQUIT: there Swift's runtime writes its own report before the end, which takes a debug build half a minute.
    @Test(
        "It has its echo again whatever ends or stops the command, and is silent when it goes on",
        arguments: [
            ("typed", ["echo", "status 0 echo", "hidden"]), ("key", ["echo", "signal 2 echo", "hidden"]),
            ("SIGINT", ["echo", "signal 2 echo", "hidden"]), ("SIGTERM", ["echo", "signal 15 echo", "hidden"]),
            ("SIGHUP", ["echo", "signal 1 echo", "hidden"]),
            ("SIGTSTP", ["echo", "stopped echo", "status 0 echo", "hidden"]),
            ("SIGSTOP", ["echo", "stopped -", "status 0 echo", "hidden"]),
        ])
    func echo(mode: String, lines: [String]) async throws {
        let folder = try TemporaryFolder()
        let file = try folder.write("htpasswd", "amy:{SHA}0L4txCG+T80BcuWvzuo5cOLz2UA=\n")
        let output = try await Program("python3", package: "python3").run(
            ["-c", Self.script, mode, Latchkey.program.path, "htpasswd", "verify", file, "amy"], folder: folder.root)
        #expect(output.standardOutput == lines.map { $0 + "\n" }.joined(), "\(mode): \(output)")
    }
}
