//! stub
#![allow(missing_docs)]
use crate::rule::*;use std::path::*;
#[derive(Default)] pub struct ScanC{pub fail_on:Option<Severity>,pub min_confidence:Option<Confidence>,pub max_depth:Option<usize>,pub include:Vec<String>,pub exclude:Vec<String>}
#[derive(Default)] pub struct Config{pub scan:ScanC,pub rules:Vec<PathBuf>,pub allow:Vec<Allow>}
pub struct Allow{pub reason:String}
impl Config{pub fn load(_:&Path)->Result<Config,LoadError>{Ok(Self::default())} pub fn disable_in(&self,_:&mut RuleSet)->Result<(),LoadError>{Ok(())}}
pub struct Baseline; impl Baseline{pub fn parse(_:&[u8],_:&str)->Result<Self,LoadError>{Ok(Self)}}
pub struct Suppressions; impl Suppressions{pub fn new(_:&[Allow],_:jiff::civil::Date,_:Vec<Baseline>)->Result<Self,LoadError>{Ok(Self)} pub fn expired(&self)->&[Allow]{&[]} pub fn value_patterns(&self)->Vec<regex::bytes::Regex>{vec![]} pub fn reason(&self,_:&str,_:&str,_:&str,_:&[usize])->Option<String>{None}}
pub fn schema()->serde_json::Value{serde_json::Value::Null}
pub fn rule_schema()->serde_json::Value{serde_json::Value::Null}
