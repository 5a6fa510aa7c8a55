// What makes the builder's own tables of a model's or task's page sort and switch. Works from disk.

import { installSorting } from "../parts/sort.js";
import { installSwitches } from "../parts/switch.js";

installSorting();
installSwitches();
