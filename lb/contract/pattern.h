/* Regular expressions of strangers (PCRE2), bounded in size and time. Matched by bytes, not by
 * characters. The one door to libpcre2. */
#ifndef LB_CONTRACT_PATTERN_H
#define LB_CONTRACT_PATTERN_H

#include <stdbool.h>

#include "lb/base/text.h"
#include "lb/base/truth.h"
#include "lb/base/view.h"

/* What it may take in memory once it is compiled; "(abcdefgh){999}" takes more. */
#define PATTERN_COMPILED_BYTES_MAX 16384u

/* Steps back of one match from one place on. Whether one that needs more matches is not known. */
#define PATTERN_STEPS_MAX 5000u

/* So many of them in one lookup; after that nothing is known of any pattern, so that all together end
 * soon, too. */
#define PATTERN_EXHAUSTED_MAX 64u

/* The time that all matches of one lookup may take, the thread's own; after that it is the same. Found
 * at no place of a long text, "[a-z]+[0-9]" goes through the rest of it from each. */
#define PATTERN_NS_MAX 5000000u

/* What is found of a match: all of it, and nine parentheses. */
#define PATTERN_PARTS_MAX 10u

struct pattern; /* immutable: any number of threads may match by it */

/* What a thread needs to match, once for all patterns. */
struct pattern_scratch;

/* Gives. Fails: NULL, `problem` gets what is wrong with it and where. Thread: any. */
struct pattern *pattern_new(struct view regex, struct text *problem);

/* The same, but its parentheses keep what they find: for pattern_find. */
struct pattern *pattern_new_capturing(struct view regex, struct text *problem);

/* How many parentheses keep what they find. */
unsigned pattern_capture_count(const struct pattern *pattern);

/* NULL is allowed. */
void pattern_free(struct pattern *pattern);

/* Gives. */
struct pattern_scratch *pattern_scratch_new(void);
void pattern_scratch_free(struct pattern_scratch *scratch);

/* A lookup begins. */
void pattern_scratch_begin(struct pattern_scratch *scratch);

/* Of this lookup something is not known. */
bool pattern_scratch_is_exhausted(const struct pattern_scratch *scratch);

/* Something was not even tried, as it would take too much. Gives TRUTH_UNKNOWN. */
enum truth pattern_scratch_give_up(struct pattern_scratch *scratch);

/* Whether it is found somewhere in `subject`. No allocation, but for the first matches. */
enum truth pattern_matches(const struct pattern *pattern, struct view subject,
                           struct pattern_scratch *scratch);

/* The same; on TRUTH_YES the first of `parts` is what it found, and each that follows what its
 * parenthesis found: views into `subject`, with a NULL pointer where it found nothing. */
enum truth pattern_find(const struct pattern *pattern, struct view subject,
                        struct pattern_scratch *scratch, struct view parts[PATTERN_PARTS_MAX]);

#endif
