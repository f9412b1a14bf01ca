"""A small archive of three races in CSV, good as it is, for tests that spoil it."""

from __future__ import annotations

from pathlib import Path

RACES = """\
race_id,country,office,level,contest_type,date_first,date_runoff,first_round_valid,first_round_blank,first_round_null,first_round_invalid_blank,first_round_registered,runoff_valid,runoff_registered,finalist_a,finalist_a_runoff_share,turnout_ratio,winner,verified,source,note
duel,Elbonia,President,national,open,2020-01-05,2020-01-19,1000,20,10,30,1500,900,1500,Ada Quist,0.4444,0.9,Bo Lind,yes,the commission,
three,Elbonia,"Assembly, North 1",national_district,open,2021-05-02,2021-05-09,600,,,,,500,,Cy Moss,,,Cy Moss,yes,,
state,United States (Ohio),Governor,statewide,primary_D,2022-05-03,2022-06-07,300,,,,,200,,Di Rowe,0.6,0.67,Di Rowe,partial,,memory
"""
CANDIDATES = """\
race_id,candidate,party,bloc,first_round_votes,advanced,withdrew,runoff_votes
duel,Ada Quist,Reds,left,450,true,false,400
duel,Bo Lind,Blues,right,400,true,false,500
duel,Ed Frost,Greens,left,150,false,false,
three,Cy Moss,Reds,left,250,true,false,220
three,Flo Berg,Blues,right,180,true,false,160
three,Gil Thorn,Black,far-right,110,true,false,120
three,Hal Ives,Middle,centre,60,false,true,
state,Di Rowe,D,D,150,true,false,120
state,Eve Stone,D,D,100,true,false,80
state,Jo Hart,D,D,50,false,false,
"""
POLLS = """\
race_id,pollster,poll_date,sample_size,partisan,pct_finalist_a,pct_finalist_b,two_way_share_a,days_before,source
duel,Ask,2020-01-10,800,,47,49,0.4896,9,
duel,Tell,2020-01-15,,left,44.5,51.5,0.4635,4,
"""
OUTRIGHT = """\
race_id,election,candidate,bloc,first_round_votes,elected,first_round_valid,first_round_invalid_blank,first_round_registered
south,elbonia-national-district-2021-05-09,Ivo Pell,right,500,true,800,20,1200
south,elbonia-national-district-2021-05-09,Una Vance,left,300,false,800,20,1200
"""
NUANCES = """\
office,year,nuance,bloc,candidates,first_round_votes,finalists,reason
assembly,2021,RED,left,1,250,1,by hand
"""
TABLES = {"races": RACES, "candidates": CANDIDATES, "polls": POLLS, "outright": OUTRIGHT, "nuances": NUANCES}


def written(folder: Path, **changed: str) -> Path:
    """The tables in a folder, some of them changed; one that is '' is left out."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in (TABLES | changed).items():
        if text:
            (folder / f"{name}.csv").write_text(text, "utf-8")
    return folder
