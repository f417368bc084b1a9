#include "discovery/teller.h"

#include "discovery/alive.h"
#include "lb/base/clock.h"

#define ALIVE_EVERY_MS 5000

/* A line that took longer is followed by a pause as long, in which what happens is gathered. */
#define QUICK_LINE_MS 20
#define PAUSE_MAX_MS  1000

static uint64_t now_ms(void)
{
    return clock_mono_ns() / 1000000;
}

void teller_init(struct teller *teller, const struct teller_options *options,
                 struct sources *sources)
{
    *teller = (struct teller){.options = *options, .sources = sources};
    sources_append_words(sources, &teller->source_words);
    dialer_init(&teller->dialer, options->to_path, &options->report);
    outlet_init(&teller->outlet, options->to_path ? -1 : options->fd);
}

void teller_fini(struct teller *teller)
{
    outlet_fini(&teller->outlet);
    dialer_fini(&teller->dialer);
    emit_fini(&teller->emit);
    ration_fini(&teller->ration);
    text_fini(&teller->source_words);
}

/* ---- states ------------------------------------------------------------------------------------ */

static enum emit_result write_line(struct teller *teller, const struct set *set, bool is_too_long,
                                   struct text *line)
{
    set = ration_take(&teller->ration, set, is_too_long, clock_wall_ns());
    return emit_line(&teller->emit, set, text_str(&teller->source_words), clock_wall_ns(), line);
}

static void tell_ration(struct teller *teller)
{
    struct text what = TEXT_INIT;
    if (ration_tell(&teller->ration, &what))
        report_say(&teller->options.report, REPORT_TROUBLE, "%s", text_str(&what));
    text_fini(&what);
}

static void print_set(struct teller *teller, const struct set *set)
{
    struct text line = TEXT_INIT;
    enum emit_result result = write_line(teller, set, false, &line);
    if (result == EMIT_TOO_LONG)
        result = write_line(teller, set, true, &line);
    if (result == EMIT_TOO_LONG)
        report_say(&teller->options.report, REPORT_TROUBLE,
                   "the line would be longer than 16 MiB: it is not printed");
    tell_ration(teller);
    if (result == EMIT_LINE) {
        teller->has_line = true;
        outlet_offer(&teller->outlet, &line);
    }
    text_fini(&line);
}

/* Prints the state when it changed. However much there is to tell, and however often it changes, half of
 * the time is for other things. */
static void print(struct teller *teller)
{
    uint64_t begun_ms = now_ms();
    if (begun_ms < teller->print_at_ms)
        return;
    teller->print_at_ms = 0;
    const struct set *set = sources_collect(teller->sources, clock_wall_ns());
    if (set && !teller->options.is_silent)
        print_set(teller, set);
    uint64_t ended_ms = now_ms(), took_ms = ended_ms - begun_ms;
    if (took_ms > QUICK_LINE_MS)
        teller->print_at_ms = ended_ms + (took_ms < PAUSE_MAX_MS ? took_ms : PAUSE_MAX_MS);
}

/* To a reader who may know nothing of it. */
static void tell_all(struct teller *teller)
{
    struct text line = TEXT_INIT;
    if (!teller->options.is_once)
        outlet_end_line(&teller->outlet);
    if (emit_again(&teller->emit, text_str(&teller->source_words), clock_wall_ns(), &line))
        outlet_offer(&teller->outlet, &line);
    text_fini(&line);
    teller->alive_at_ms = 0;
}

void teller_tell_again(struct teller *teller)
{
    if (!teller->options.is_once && !teller->options.is_silent)
        tell_all(teller);
}

/* ---- signs of life ----------------------------------------------------------------------------- */

static bool may_say_alive(const struct teller *teller)
{
    return !teller->options.is_once && !teller->options.is_silent && teller->outlet.fd >= 0 &&
           outlet_is_empty(&teller->outlet);
}

/* A sign of life for the reader, now and then and when the source comes or goes. One that is slow
 * gets none: the line that waits for it is as good. */
static void say_alive(struct teller *teller)
{
    struct text line = TEXT_INIT;
    struct alive_parts parts;
    struct sources *sources = teller->sources;
    const struct alive *alive = sources_alive(sources);
    bool is_due = now_ms() >= teller->alive_at_ms || sources->has_news ||
                  alive->is_connected != teller->was_connected;
    if (!is_due || !may_say_alive(teller))
        return;
    teller->was_connected = alive->is_connected;
    sources->has_news = false;
    teller->alive_at_ms = now_ms() + ALIVE_EVERY_MS;
    sources_list_parts(sources, &parts);
    alive_write(alive, sources_obstacle(sources), &parts, clock_wall_ns(), &line);
    outlet_offer(&teller->outlet, &line);
}

/* ---- its life ---------------------------------------------------------------------------------- */

static void call(struct teller *teller)
{
    if (!dialer_tick(&teller->dialer, now_ms()))
        return;
    outlet_move(&teller->outlet, teller->dialer.fd);
    tell_all(teller);
}

static void flush(struct teller *teller)
{
    outlet_flush(&teller->outlet);
    if (!teller->outlet.is_gone || teller->dialer.fd < 0)
        return;
    outlet_move(&teller->outlet, -1);
    dialer_lose(&teller->dialer, now_ms());
}

void teller_tick(struct teller *teller)
{
    call(teller);
    print(teller);
    flush(teller);
    say_alive(teller);
    flush(teller);
}

uint64_t teller_next_tick_ms(const struct teller *teller)
{
    uint64_t next_ms = dialer_next_tick_ms(&teller->dialer);
    if (may_say_alive(teller) && teller->alive_at_ms < next_ms)
        next_ms = teller->alive_at_ms;
    if (teller->print_at_ms > 0 && teller->print_at_ms < next_ms)
        next_ms = teller->print_at_ms;
    return next_ms;
}

bool teller_is_over(const struct teller *teller)
{
    return teller->outlet.is_gone;
}

bool teller_is_through(const struct teller *teller)
{
    return teller->has_line && outlet_is_empty(&teller->outlet);
}
