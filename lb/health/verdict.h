/* What is thought of an answer so far. */
#ifndef LB_HEALTH_VERDICT_H
#define LB_HEALTH_VERDICT_H

enum verdict { VERDICT_OPEN, VERDICT_WELL, VERDICT_BAD };

#endif
