/* How much a line of lb-discovery may tell. What writes one stays within, what reads one refuses, or
 * passes over, what is beyond. */
#ifndef LB_CONTRACT_LIMITS_H
#define LB_CONTRACT_LIMITS_H

#define LIMITS_LINE_BYTES_MAX     (16u << 20)
#define LIMITS_ENDPOINTS_MAX      10000u
#define LIMITS_LEFT_OUT_MAX       50000u
#define LIMITS_ROUTES_MAX         65536u
#define LIMITS_REGEXES_MAX        1024u /* of all routes */
#define LIMITS_REGEXES_OF_ONE_MAX 32u   /* of one container's routes */
#define LIMITS_NAME_BYTES_MAX     512u  /* of an id, a name, a service, a cause */
#define LIMITS_SENTENCE_BYTES_MAX 512u  /* of what is said of a container for a human */
#define LIMITS_OBSTACLE_BYTES_MAX 1024u /* of what is in the way, and of what would change it */
#define LIMITS_WEIGHT_MAX         256u
#define LIMITS_WAIT_MS_MAX        86400000u /* of a slow start, and of deadlines */

/* Of the words that a sign of life counts by. */
#define LIMITS_WORDS_MAX      64u
#define LIMITS_WORD_BYTES_MAX 64u

#endif
