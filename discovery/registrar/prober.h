/* Asks one container by HTTP, every interval, as a check of Consul does, and looks into the body, as no check of
 * Consul does. Until it passes for the first time it is asked each second for a while: it may just have started.
 * Thread: the loop's. */
#ifndef DISCOVERY_REGISTRAR_PROBER_H
#define DISCOVERY_REGISTRAR_PROBER_H

#include <stdbool.h>
#include <stdint.h>

#include "discovery/registrations.h"
#include "lb/base/text.h"

/* The text is looked for in so much of a body. */
#define PROBER_BODY_BYTES_MAX 65536u

struct fetch_loop;
struct prober;

/* `on_result` is called after each answer, or the lack of one: what it means and a sentence, borrowed for the
 * call. Borrows `loop` and `owner`, copies `probe`. Gives: prober_close(). Does nothing yet. */
struct prober *
prober_open(struct fetch_loop *loop, const struct registration_probe *probe, void *owner,
            void (*on_result)(void *owner, enum registration_health health, const char *sentence));

void prober_tick(struct prober *prober, uint64_t now_ms);
uint64_t prober_next_tick_ms(const struct prober *prober);

/* NULL is fine. Not from its own on_result. */
void prober_close(struct prober *prober);

/* What an answer means: Consul's own rules, and the text. `sentence` is filled. Pure. */
enum registration_health prober_judge(int status, struct view body, const char *text,
                                      struct text *sentence);

#endif
