// The digit network of scripts/experiments/digit_network.py: its weights in bytes, its accuracy, and some test digits.

import { values } from "../../results/digit_network.json"
import { provide } from "./lib/data.js"

provide("digit_network", values)
