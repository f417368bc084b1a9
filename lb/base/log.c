#include "lb/base/log.h"

#include <poll.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lb/base/clock.h"
#include "lb/base/colour.h"
#include "lb/base/log_about.h"
#include "lb/base/log_repeat.h"
#include "lb/base/shown.h"

#define MESSAGE_MAX_BYTES 2000
#define PATIENCE_MS       50 /* with a reader that takes no lines, for the first one only */

static struct {
    const char *program;
    _Atomic(enum log_level) level;
    atomic_bool json;
    atomic_bool colours;
    atomic_int copy_socket;
} sink = {"lb", LOG_LEVEL_INFO, false, false, -1};

static const char *const level_words[] = {"debug", "info", "warn", "error"};
static const char *const level_colours[] = {COLOUR_DIM, COLOUR_GREEN, COLOUR_YELLOW, COLOUR_RED};

void log_open(const char *program, enum log_level level, enum log_format format)
{
    sink.program = program;
    log_change(level, format);
}

void log_change(enum log_level level, enum log_format format)
{
    sink.json = format == LOG_FORMAT_JSON || (format == LOG_FORMAT_AUTO && !isatty(STDERR_FILENO));
    sink.colours = colour_is_wanted(STDERR_FILENO);
    sink.level = level;
}

void log_copy_to(int socket)
{
    sink.copy_socket = socket;
}

void log_set_level(enum log_level level)
{
    sink.level = level;
}

enum log_level log_current_level(void)
{
    return sink.level;
}

bool log_is_json(void)
{
    return sink.json;
}

bool log_parse_level(const char *word, enum log_level *out)
{
    for (size_t i = 0; i < sizeof(level_words) / sizeof(level_words[0]); i++) {
        if (strcmp(word, level_words[i]) == 0) {
            *out = (enum log_level)i;
            return true;
        }
    }
    return false;
}

static const char *const format_words[] = {
    [LOG_FORMAT_AUTO] = "auto", [LOG_FORMAT_PLAIN] = "plain", [LOG_FORMAT_JSON] = "json"};

bool log_parse_format(const char *word, enum log_format *out)
{
    for (size_t i = 0; i < sizeof(format_words) / sizeof(format_words[0]); i++) {
        if (strcmp(word, format_words[i]) == 0) {
            *out = (enum log_format)i;
            return true;
        }
    }
    return false;
}

const char *log_level_word(enum log_level level)
{
    return level_words[level];
}

const char *log_format_word(enum log_format format)
{
    return format_words[format];
}

static void append_plain(struct text *line, enum log_level level, struct view message)
{
    char stamp[CLOCK_TEXT_BYTES];
    bool is_coloured = sink.colours;
    clock_format(clock_wall_ns(), stamp);
    text_appendf(line, "%s%.12s%s %s%-5s%s %s: ", is_coloured ? COLOUR_DIM : "", stamp + 11,
                 is_coloured ? COLOUR_NONE : "", is_coloured ? level_colours[level] : "",
                 level_words[level], is_coloured ? COLOUR_NONE : "", sink.program);
    shown_append(line, message);
}

/* ---- all under the lock ---------------------------------------------------------------------- */

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct log_repeat repeat;
static unsigned lost_count;     /* lines that could not be written */
static unsigned uncopied_count; /* the same of copies */
static _Atomic uint64_t uncopied_total;

/* Who reads the log may have stopped, and nobody here may wait for that. */
static bool is_writable(void)
{
    struct pollfd wish = {.fd = STDERR_FILENO, .events = POLLOUT};
    return poll(&wish, 1, lost_count > 0 ? 0 : PATIENCE_MS) > 0 && (wish.revents & POLLOUT);
}

static struct view cut(struct view message)
{
    return view_of(message.ptr, message.len < MESSAGE_MAX_BYTES ? message.len : MESSAGE_MAX_BYTES);
}

static void write_line(enum log_level level, const struct log_about *about, struct view message)
{
    struct text line = TEXT_INIT;
    if (sink.json)
        log_about_write(about, sink.program, level_words[level], cut(message), &line);
    else
        append_plain(&line, level, cut(message));
    text_append_char(&line, '\n');
    ssize_t ignored = write(STDERR_FILENO, line.bytes, line.len);
    (void)ignored;
    text_fini(&line);
}

/* False: there was no room. */
static bool send_copy(int socket, enum log_level level, const struct log_about *about,
                      struct view message)
{
    struct text line = TEXT_INIT;
    text_append_char(&line, LOG_COPY_KIND);
    log_about_write(about, sink.program, level_words[level], cut(message), &line);
    text_append_char(&line, '\n');
    bool is_sent = send(socket, line.bytes, line.len, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0;
    text_fini(&line);
    return is_sent;
}

static bool say_uncopied(int socket)
{
    struct text lost = TEXT_INIT;
    text_appendf(&lost,
                 "%u lines of this log were not passed on, because they were not read in time",
                 uncopied_count);
    bool is_sent = send_copy(socket, LOG_LEVEL_WARN, NULL, text_view(&lost));
    text_fini(&lost);
    return is_sent;
}

static void copy_line(enum log_level level, const struct log_about *about, struct view message)
{
    int socket = sink.copy_socket;
    if (socket < 0)
        return;
    if (uncopied_count > 0 && say_uncopied(socket))
        uncopied_count = 0;
    if (uncopied_count > 0 || !send_copy(socket, level, about, message)) {
        uncopied_count++;
        uncopied_total++;
    }
}

static void put_line(enum log_level level, const struct log_about *about, struct view message)
{
    struct text lost = TEXT_INIT;
    copy_line(level, about, message);
    if (!is_writable()) {
        lost_count++;
        return;
    }
    if (lost_count > 0) {
        text_appendf(&lost, "%u lines of this log were lost, because nobody read them", lost_count);
        lost_count = 0;
        write_line(LOG_LEVEL_WARN, NULL, text_view(&lost));
        text_fini(&lost);
    }
    write_line(level, about, message);
}

static void put_counted(uint64_t now_ns)
{
    struct view message;
    unsigned count;
    while (log_repeat_take(&repeat, now_ns, &message, &count)) {
        struct text line = TEXT_INIT;
        text_appendf(&line, "%u more times: ", count);
        text_append(&line, message);
        put_line(LOG_LEVEL_WARN, NULL, text_view(&line));
        text_fini(&line);
    }
}

/* ---- speaking -------------------------------------------------------------------------------- */

static void speak(enum log_level level, const struct log_about *about, const char *format,
                  va_list args) __attribute__((format(printf, 3, 0)));

static void speak(enum log_level level, const struct log_about *about, const char *format,
                  va_list args)
{
    if (level < sink.level)
        return;
    uint64_t now_ns = clock_mono_ns();
    struct text message = TEXT_INIT;
    text_vappendf(&message, format, args);
    pthread_mutex_lock(&lock);
    put_counted(now_ns);
    if (level < LOG_LEVEL_WARN || log_repeat_admit(&repeat, now_ns, text_view(&message)))
        put_line(level, about, text_view(&message));
    pthread_mutex_unlock(&lock);
    text_fini(&message);
}

uint64_t log_uncopied_count(void)
{
    return uncopied_total;
}

void log_close(void)
{
    pthread_mutex_lock(&lock);
    put_counted(UINT64_MAX);
    pthread_mutex_unlock(&lock);
}

void log_say(enum log_level level, const struct log_about *about, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    speak(level, about, format, args);
    va_end(args);
}

#define DEFINE_LOG(name, level)                                                                    \
    void name(const char *format, ...)                                                             \
    {                                                                                              \
        va_list args;                                                                              \
        va_start(args, format);                                                                    \
        speak(level, NULL, format, args);                                                          \
        va_end(args);                                                                              \
    }

DEFINE_LOG(log_debug, LOG_LEVEL_DEBUG)
DEFINE_LOG(log_info, LOG_LEVEL_INFO)
DEFINE_LOG(log_warn, LOG_LEVEL_WARN)
DEFINE_LOG(log_error, LOG_LEVEL_ERROR)
