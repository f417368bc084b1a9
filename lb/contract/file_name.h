/* Names of files and folders that a stranger's label may choose in a directory of the operator's. */
#ifndef LB_CONTRACT_FILE_NAME_H
#define LB_CONTRACT_FILE_NAME_H

#include <stdbool.h>

#include "lb/base/text.h"
#include "lb/base/view.h"

#define FILE_NAME_BYTES_MAX 255u

/* Whether it is one segment of a path, that leads nowhere else: no slash, no dot at its beginning, none
 * of the characters that lists are written with. Where not, `problem` gets what is wrong with it. */
bool file_name_check(struct view name, struct text *problem);

#endif
