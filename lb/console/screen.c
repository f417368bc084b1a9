#include "lb/console/screen.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#define SIZE_MAX_CELLS 10000u

/* Another screen, no cursor, no wrapping of lines (xterm's, which all have); and back. */
static const char enter[] = "\033[?1049h\033[?25l\033[?7l\033[2J";
static const char leave[] = "\033[0m\033[?7h\033[?25h\033[?1049l";

/* Handlers of signals have no other way to know it. */
static struct {
    volatile sig_atomic_t is_open;
    volatile sig_atomic_t has_input;
    volatile sig_atomic_t is_guarded;
    struct termios before;
} terminal;

static void write_all(const char *bytes, size_t len)
{
    while (len > 0) {
        ssize_t count = write(STDOUT_FILENO, bytes, len);
        if (count < 0 && errno != EINTR)
            return;
        bytes += count > 0 ? count : 0;
        len -= count > 0 ? (size_t)count : 0;
    }
}

/* Only what a handler may call. */
void screen_close(void)
{
    int error = errno;
    if (terminal.is_open) {
        terminal.is_open = 0;
        write_all(leave, sizeof(leave) - 1);
        if (terminal.has_input)
            tcsetattr(STDIN_FILENO, TCSANOW, &terminal.before);
    }
    errno = error;
}

/* The signal comes again, and does what it does. */
static void on_crash(int number)
{
    screen_close();
    raise(number);
}

static void guard(void)
{
    static const int crashes[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGQUIT};
    struct sigaction action = {.sa_handler = on_crash, .sa_flags = (int)SA_RESETHAND};
    for (size_t i = 0; i < sizeof(crashes) / sizeof(crashes[0]); i++)
        sigaction(crashes[i], &action, NULL);
    atexit(screen_close);
}

static void quieten_input(void)
{
    struct termios quiet;
    terminal.has_input = tcgetattr(STDIN_FILENO, &terminal.before) == 0;
    if (!terminal.has_input)
        return;
    quiet = terminal.before;
    quiet.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
    quiet.c_cc[VMIN] = 0;
    quiet.c_cc[VTIME] = 0;
    tcsetattr(STDIN_FILENO, TCSANOW, &quiet);
}

void screen_open(void)
{
    if (!terminal.is_guarded)
        guard();
    terminal.is_guarded = 1;
    quieten_input();
    terminal.is_open = 1;
    write_all(enter, sizeof(enter) - 1);
}

bool screen_is_open(void)
{
    return terminal.is_open;
}

/* Each line by its number: one whose width the terminal sees otherwise moves no other. */
bool screen_draw(const struct text *lines, bool is_afresh)
{
    struct text out = TEXT_INIT;
    struct view rest = text_view(lines);
    text_append_str(&out, is_afresh ? "\033[2J" : "");
    for (unsigned i = 1; rest.len > 0; i++) {
        text_appendf(&out, "\033[%u;1H\033[2K", i);
        text_append(&out, view_cut(&rest, '\n'));
    }
    write_all(out.bytes, out.len);
    text_fini(&out);
    struct pollfd look = {.fd = STDOUT_FILENO};
    return !(poll(&look, 1, 0) > 0 && (look.revents & (POLLERR | POLLHUP | POLLNVAL)));
}

static void take_word(const char *name, unsigned *out)
{
    uint64_t value = 0;
    const char *word = getenv(name);
    if (word && view_parse_u64(view_str(word), SIZE_MAX_CELLS, &value) && value > 0)
        *out = (unsigned)value;
}

void screen_measure(int fd, unsigned *columns, unsigned *lines)
{
    struct winsize size = {0};
    if (ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 && size.ws_row > 0) {
        *columns = size.ws_col;
        *lines = size.ws_row;
        return;
    }
    take_word("COLUMNS", columns);
    take_word("LINES", lines);
}
