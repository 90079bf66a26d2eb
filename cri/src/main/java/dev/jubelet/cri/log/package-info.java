@NullMarked
package dev.jubelet.cri.log;

import org.jspecify.annotations.NullMarked;
