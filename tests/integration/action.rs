//! The GitHub Action, run as a runner would: the steps of `action.yml` itself,
//! with the runner's variables and files, against a GitHub and a folder of
//! releases on this machine.

#![cfg(unix)]

mod act;
mod install;
mod releases;
mod runner;
mod steps;
